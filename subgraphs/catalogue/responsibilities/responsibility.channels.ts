/** By which channels responsibilities may be published: those that this installation has. */
import { today } from '../../../kernel/clock';
import type { Database, Tx } from '../../../kernel/database/database';
import { logger } from '../../../kernel/log';
import { serviceOf } from '../../../kernel/principal';
import { installedChannels, type RoutingChannel } from '../../../schema/channels';
import { problem, refuse } from '../refusals';
import type { Responsibility } from './responsibility.entity';

/** @throws Refusal CHANNEL_NOT_INSTALLED, since each case would end undeliverable */
export function checkChannel({ channel }: Responsibility): void {
  if (installedChannels().includes(channel)) return;
  throw refuse('CHANNEL_NOT_INSTALLED', {
    values: { channel },
    problems: [problem('/channel', 'CHANNEL_NOT_INSTALLED')],
    allowedActions: ['saveResponsibilityDraft'],
  });
}

const MOST_NAMED = 20;

/** Those published, now or for later, by a channel that this installation has not. */
export const unreachable = (tx: Tx): Promise<{ id: string; channel: RoutingChannel }[]> =>
  tx.query(
    `SELECT id, channel FROM responsibility
     WHERE published_at IS NOT NULL AND (valid_to IS NULL OR valid_to >= $2) AND channel <> ALL($1)
     ORDER BY id LIMIT ${MOST_NAMED}`,
    [installedChannels(), today()],
  );

/** Says so in the log when the catalogue starts: what is published already stays, and each case by it ends undeliverable. */
export function nameUnreachable(db: Database): Promise<void> {
  const log = logger('catalogue');
  return db.tx(serviceOf('catalogue'), unreachable).then(
    found => {
      for (const { id, channel } of found) {
        log.error('a published responsibility names a channel that is not installed here', { id, channel });
      }
    },
    error => log.warn('published channels could not be looked at', { error }),
  );
}
