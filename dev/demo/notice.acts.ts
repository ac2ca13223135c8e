/** The last acts of the story: Klara reads the notice and who has read her data, and nobody else sees the case. */
import { checkChain, type Link } from '../../kernel/chain';
import { PERSONAS } from './facts';
import { download, Play, sha256 } from './play';
import { check, type Data, eventually, Player } from './player';

const [KLARA, JONAS, MAX, , , NORA] = PERSONAS;

export abstract class NoticeActs extends Play {
  protected async klaraReadsTheNotice(klara: Player, id: string): Promise<void> {
    const { application } = await this.step(
      'Story26',
      KLARA.name,
      () =>
        eventually(
          () => klara.do('Story26Notice', { id }),
          ({ application: it }) => it.payments?.[0]?.receipt?.downloadUrl,
          'the receipt of the payment is there',
        ),
      ({ application: it }) => {
        check(it.decision?.outcome === 'GRANTED' && it.decision.objectionUntil, 'the decision is there with its dates');
        check(it.thread.messages.nodes[0].kind === 'NOTICE', 'the newest message is the notice');
        check(it.history.chain.valid, 'the history is whole');
        return `reads the decision; deemed notified on ${it.decision.deemedNotifiedOn}, objection until ${it.decision.objectionUntil}`;
      },
    );
    await this.step(
      'Story26 files',
      KLARA.name,
      async () => ({
        notice: await download(application.decision.notice.downloadUrl),
        receipt: await download(application.payments[0].receipt.downloadUrl),
      }),
      ({ notice, receipt }) => {
        check(sha256(notice) === application.decision.notice.sha256, 'the notice’s bytes are those that were hashed');
        check(
          [notice, receipt].every(file => file.subarray(0, 5).toString() === '%PDF-'),
          'both files are PDFs',
        );
        return `downloads the notice (${notice.length} bytes) and the receipt of her payment`;
      },
    );
    await this.step(
      'Story26 chain',
      KLARA.name,
      () =>
        klara.ask(
          `query ($id: ID!) { application(id: $id) { history(first: 100) { nodes { sequence canonical previousHash hash } chain { valid length headHash } } } }`,
          { id },
        ),
      ({ data, errors }) => {
        check(!errors, `the history is readable, not ${JSON.stringify(errors)}`);
        const { nodes, chain } = data.application.history;
        return `recomputes the history: ${recompute(nodes, chain)} links, all right`;
      },
    );
    const { id: threadId, messages } = application.thread;
    await this.step(
      'Story27',
      KLARA.name,
      () => klara.write('Story27Read', { threadId, upToMessageId: messages.nodes[0].id }),
      ({ thread }) => {
        check(thread.unreadCount === 0, 'nothing is unread');
        return 'marks the conversation as read';
      },
    );
  }

  protected async klaraSeesWhoReadHerData(klara: Player, applicationId: string): Promise<void> {
    await this.step(
      'Story29',
      KLARA.name,
      () =>
        eventually(
          () => klara.do('Story29WhoReadMyData', { applicationId }),
          ({ accessLog }) => accessLog.nodes.some((one: Data) => one.actorName.includes(MAX.name)),
          'Max’s reading stands in the access log',
        ),
      ({ accessLog }) => {
        check(accessLog.chain.valid, 'the access log is whole');
        const readers = [...new Set(accessLog.nodes.map((one: Data) => one.actorName))];
        return `sees who read her data: ${readers.join(', ')}`;
      },
    );
    await this.step(
      'Story29 chain',
      KLARA.name,
      async () => {
        const links: Link[] = [];
        let after: string | null = null;
        do {
          const { data }: { data: Data } = await klara.ask(
            `query ($after: String) { accessLog(first: 100, after: $after) { nodes { sequence canonical previousHash hash } pageInfo { hasNextPage endCursor } chain { valid length headHash } } }`,
            { after },
          );
          links.push(...data.accessLog.nodes);
          after = data.accessLog.pageInfo.hasNextPage ? data.accessLog.pageInfo.endCursor : null;
        } while (after);
        return links;
      },
      links => {
        const head = [...links].sort((a, b) => b.sequence - a.sequence)[0]!.hash;
        return `recomputes the access log: ${recompute(links, { length: links.length, headHash: head })} links, all right`;
      },
    );
  }

  protected async nobodyElseSees({ authorityId }: { authorityId: string }, id: string): Promise<void> {
    const returnUrl = `${this.stack.gatewayUrl}/graphql`;
    await this.step(
      'elsewhere',
      `${JONAS.name}, ${NORA.name}`,
      async () => {
        const jonas = await Player.signIn(this.stack, JONAS, { minimumTrustLevel: 'HIGH', method: 'EID', returnUrl });
        const nora = await Player.signIn(this.stack, NORA, { method: 'STAFF_SIGN_ON', returnUrl });
        return Promise.all([
          jonas.ask('query ($id: ID!) { application(id: $id) { id } }', { id }),
          nora.ask('query ($id: ID!) { application(id: $id) { id } }', { id }),
          nora.ask('query ($id: ID!) { inbox(authorityId: $id) { nodes { id } } }', { id: authorityId }),
        ]);
      },
      ([jonas, nora, inbox]) => {
        for (const answer of [jonas, nora]) {
          check(answer.data?.application === null, 'another’s case is not there');
          check(answer.errors?.[0]?.extensions.code === 'NOT_FOUND', 'it looks as if it did not exist');
        }
        check(!inbox.data?.inbox?.nodes.length, 'the inbox of another authority is closed');
        return 'find nothing of it: not found';
      },
    );
  }
}

/** @returns the number of links, each recomputed from its canonical text */
function recompute(nodes: readonly Link[], chain: { length: number; headHash: string }): number {
  const links = [...nodes].sort((a, b) => a.sequence - b.sequence);
  check(
    links.every(link => link.canonical !== null),
    'every link shows its canonical text',
  );
  const { valid, headHash, brokenAt } = checkChain(links);
  check(valid, `every link follows from the one before; broken at ${brokenAt}`);
  check(links.length === chain.length && headHash === chain.headHash, 'the head is the one that was announced');
  return links.length;
}
