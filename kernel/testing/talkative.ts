/** A process that logs all the time, and while it stops. */
import { logger } from '../log';
import { runProcess } from '../server/process';

const log = logger('talkative');
const talking = setInterval(() => log.info('still here'), 1);

void runProcess('talkative', async () => ({
  port: 0,
  async stop() {
    clearInterval(talking);
    log.error('stopping');
    log.info('the last word');
  },
}));
