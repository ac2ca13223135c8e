/**
 * The story of Klara Muster and Max Schröder, Story00 to Story29, played through the gateway; every answer is checked.
 * The acts stand in the order in which things happen: the live streams are opened before what they are to hear.
 */
import { randomUUID } from 'node:crypto';
import { checkChain, type Link } from '../../kernel/chain';
import { addDays, today } from '../../kernel/clock';
import { MACHINES, PERSONAS, TRADE_REGISTRATION } from './facts';
import { idCardPhoto, rentalContract } from './files';
import { type Draft, download, FORM, Play, type Step, sha256 } from './play';
import { check, type Data, eventually, Player, type Watch } from './player';

const [KLARA, JONAS, MAX, , , NORA] = PERSONAS;

export class Story extends Play {
  /** @throws Deviation at the first answer that is not as it should be */
  async play(): Promise<Step[]> {
    const offices = await this.theOfficesSignIn();
    await this.theOfficePublishes(offices);
    const preflight = await this.klaraFindsTheService();
    const klara = await this.klaraSignsIn(preflight);
    const draft = await this.klaraFillsInAndPays(klara);
    const inbox = offices.max.watch('Story13Inbox', 'inboxChanged', { authorityId: offices.authorityId, after: null });
    const mailbox = klara.watch('Story16Mailbox', 'mailboxChanged', { after: null });
    try {
      const received = await this.klaraSubmits(klara, draft, inbox, mailbox);
      const resumed = await this.maxAsksForTheIdCard(offices, klara, received, inbox, mailbox);
      try {
        await this.maxHandsOverAndDecides(offices.max, klara, received, resumed);
      } finally {
        resumed.drop();
      }
      await this.nobodyElseSees(offices, received.id);
    } finally {
      inbox.drop();
      mailbox.drop();
    }
    return this.steps;
  }

  private async klaraFindsTheService(): Promise<Data> {
    await this.step(
      'Story03',
      'Klara, not signed in',
      () => this.nobody.do('Story03Search', { text: 'Gewerbe anmeldn', host: this.place.portalHost }),
      ({ portalByHost }) => {
        const { nodes, didYouMean } = portalByHost.services;
        check(nodes[0]?.leikaKey === TRADE_REGISTRATION, 'the typo finds the trade registration first');
        check(didYouMean, 'the right spelling is proposed');
        return `searches “Gewerbe anmeldn” on ${portalByHost.name}: ${nodes[0].title} (meant: ${didYouMean}?)`;
      },
    );
    await this.step(
      'Story04',
      'Klara, not signed in',
      () => this.nobody.do('Story04Place', { text: this.place.municipalityName }),
      ({ areaLookup }) => {
        check(areaLookup.area?.ars === this.place.municipalityArs, 'exactly one place fits');
        return `looks for her town: ${areaLookup.area.name}, ARS ${areaLookup.area.ars}`;
      },
    );
    const { serviceAtPlace } = await this.step(
      'Story05',
      'Klara, not signed in',
      () => this.nobody.do('Story05Preflight', { leikaKey: TRADE_REGISTRATION, ars: this.place.municipalityArs }),
      ({ serviceAtPlace: it }) => {
        check(
          it.responsibility.responsibility?.channel === 'CASE_CLOUD',
          'one office is responsible, by its case cloud',
        );
        check(
          it.responsibility.steps.some((step: Data) => step.matched),
          'the search explains itself',
        );
        check(it.trust.required === 'SUBSTANTIAL' && !it.trust.sufficient, 'a substantial trust level is needed');
        check(it.fee?.total.amountMinor > 0 && it.fee.prepaymentRequired, 'it costs something, in advance');
        check(it.onlineServiceVersion?.form?.schema, 'there is an online form');
        const { name } = it.responsibility.responsibility.authority;
        return `reads what to know: ${name} is responsible, ${(it.fee.total.amountMinor / 100).toFixed(2)} EUR, ${it.processingDays} days`;
      },
    );
    return serviceAtPlace;
  }

  private async klaraSignsIn(preflight: Data): Promise<Player> {
    const method = preflight.trust.stepUpWith.includes('EID') ? 'EID' : preflight.trust.stepUpWith[0];
    const klara = await this.step(
      'Story06',
      KLARA.name,
      () =>
        Player.signIn(this.stack, KLARA, {
          minimumTrustLevel: preflight.trust.required,
          method,
          returnUrl: `https://${this.place.portalHost}/back`,
        }),
      () => `signs in with ${method}: authorization code, PKCE, back to the portal`,
    );
    await this.step(
      'Story07',
      KLARA.name,
      () => klara.do('Story07Session'),
      ({ session }) => {
        check(session.account.displayName === KLARA.name, 'the session is Klara’s');
        check(session.trustLevel === 'SUBSTANTIAL', 'her trust level is the one that was asked for');
        return `is ${session.account.displayName}, trust level ${session.trustLevel}`;
      },
    );
    return klara;
  }

  private async klaraFillsInAndPays(klara: Player): Promise<Draft> {
    const filled = await this.fillsIn(klara, await this.begins(klara));
    const where = { applicationId: filled.id, purpose: 'EVIDENCE' };
    await this.upload('Story10', klara, 'Story10Upload', where, rentalContract());
    await this.pays(klara, filled);
    return filled;
  }

  private async klaraSubmits(klara: Player, draft: Draft, inbox: Watch, mailbox: Watch) {
    const key = randomUUID();
    const { application: submitted } = await this.step(
      'Story14',
      KLARA.name,
      () => this.submits(klara, draft, key),
      ({ application, refusal }) => {
        check(!refusal, `the application is accepted, not refused with ${JSON.stringify(refusal)}`);
        check(application.reference, 'it has a file reference');
        return `submits: ${application.reference}`;
      },
    );
    const again = await this.submits(klara, draft, key);
    check(again.application.id === draft.id, 'submitting twice with the same key is submitting once');
    const event = await this.step(
      'Story13',
      MAX.name,
      () =>
        inbox.until(one => one.applicationId === draft.id && one.kind === 'RECEIVED', 'the case appears in the inbox'),
      ({ application }) => {
        check(application.state === 'RECEIVED' && application.applicant.displayName === KLARA.name, 'it is Klara’s');
        check(application.payments?.[0]?.state === 'PAYED', 'it shows as paid');
        return `sees it appear live: ${application.reference} by ${application.applicant.displayName}`;
      },
    );
    await this.step(
      'Story16',
      KLARA.name,
      () =>
        mailbox.until(
          ({ kind, message }) =>
            kind === 'AVAILABLE' && message?.kind === 'RECEIPT' && message.thread.application?.id === draft.id,
          'the receipt arrives live',
        ),
      ({ message }) => `hears live: ${message.title}`,
    );
    await this.step(
      'Story15',
      KLARA.name,
      () => klara.do('Story15Receipt'),
      ({ mailbox: box }) => {
        const thread = box.threads.nodes.find((one: Data) => one.subject.includes(submitted.reference));
        check(thread, 'the newest threads hold the one of this case');
        const receipts = thread.messages.nodes.filter((message: Data) => message.kind === 'RECEIPT');
        check(receipts.length === 1, `there is exactly one receipt, not ${receipts.length}`);
        return `finds exactly one receipt in her mailbox (${box.unreadCount} unread)`;
      },
    );
    return { id: draft.id, version: event.application.version as number };
  }

  private async maxAsksForTheIdCard(
    { max, authorityId }: { max: Player; authorityId: string },
    klara: Player,
    received: { id: string; version: number },
    inbox: Watch,
    mailbox: Watch,
  ): Promise<Watch> {
    const { id } = received;
    const { application: file } = await this.step(
      'Story17',
      MAX.name,
      () => max.write('Story17Claim', { applicationId: id, expectedVersion: received.version }),
      ({ application }) => {
        check(application.state === 'IN_REVIEW' && application.assignee.displayName === MAX.name, 'the case is his');
        check(application.formData.trade === FORM.trade, 'what Klara wrote needs no typing again');
        check(
          application.documents.some((one: Data) => one.state === 'AVAILABLE'),
          'her document is there',
        );
        return `takes the case: documents ${application.documents.map((one: Data) => one.filename).join(', ')}; trust level ${application.trustLevel}`;
      },
    );
    const cursor = inbox.cursor;
    inbox.drop();
    const { documentRequest: opened } = await this.step(
      'Story18',
      MAX.name,
      () =>
        max.write('Story18Request', {
          applicationId: id,
          items: [{ requirementCode: 'ID_CARD_COPY', description: 'Kopie des Personalausweises' }],
          reason: 'Die Kopie fehlt.',
          dueOn: addDays(today(), 14),
          expectedVersion: file.version,
          idempotencyKey: randomUUID(),
        }),
      ({ documentRequest }) => {
        check(documentRequest.application.state === 'AWAITING_DOCUMENTS', 'the case waits');
        return `asks for a copy of the identity card until ${documentRequest.dueOn}; his connection drops`;
      },
    );
    const asked = await this.step(
      'Story16',
      KLARA.name,
      () =>
        mailbox.until(
          ({ kind, message }) =>
            kind === 'AVAILABLE' && message?.kind === 'DOCUMENT_REQUEST' && message.thread.application?.id === id,
          'the request arrives live',
        ),
      ({ message }) => {
        check(message.thread.application.publicStatus === 'ACTION_REQUIRED', 'Klara has to do something');
        return `hears live: ${message.title}`;
      },
    );
    const request = asked.message.thread.application.documentRequests.find((one: Data) => one.id === opened.id);
    check(request, 'the message leads to the request');
    const documentId = await this.upload(
      'Story19',
      klara,
      'Story19UploadCopy',
      { documentRequestId: request.id, purpose: 'EVIDENCE', requirementCode: 'ID_CARD_COPY' },
      idCardPhoto(),
    );
    await this.step(
      'Story20',
      KLARA.name,
      () =>
        klara.write('Story20Answer', {
          documentRequestId: request.id,
          documentIds: [documentId],
          comment: 'Hier ist die Kopie.',
          expectedVersion: request.version,
        }),
      ({ documentRequest }) => {
        check(documentRequest.state === 'SUBMITTED', 'the request is answered');
        check(documentRequest.application.publicStatus !== 'ACTION_REQUIRED', 'Klara has nothing more to do');
        return 'sends the copy';
      },
    );
    const resumed = max.watch('Story13Inbox', 'inboxChanged', { authorityId, after: cursor });
    const answered = await this.step(
      'Story13 resumed',
      MAX.name,
      () =>
        resumed.until(
          one => one.applicationId === id && one.kind === 'DOCUMENTS_SUBMITTED',
          'the answer appears in the inbox',
        ),
      () => {
        const kinds = resumed.heard.filter(one => one.applicationId === id).map(one => one.kind);
        check(kinds.includes('DOCUMENTS_REQUESTED'), 'what happened while he was away was replayed');
        return `is back with his cursor and missed nothing: ${kinds.join(', ')}`;
      },
    );
    const toReview = answered.application.documentRequests.find((one: Data) => one.id === request.id);
    await this.step(
      'Story21',
      MAX.name,
      () =>
        max.write('Story21Accept', { documentRequestId: request.id, accept: true, expectedVersion: toReview.version }),
      ({ documentRequest }) => {
        check(
          documentRequest.state === 'ACCEPTED' && documentRequest.application.state === 'IN_REVIEW',
          'it is accepted',
        );
        received.version = documentRequest.application.version;
        return 'accepts it; the case goes on';
      },
    );
    const { application: complete } = await this.step(
      'Story22',
      MAX.name,
      () => max.write('Story22Complete', { applicationId: id, expectedVersion: received.version }),
      ({ application }) => {
        const processing = application.deadlines.find((one: Data) => one.kind === 'PROCESSING');
        check(application.completeAt && processing?.dueOn, 'the legal clock runs');
        return `confirms that all is complete; due on ${processing.dueOn} (${processing.rule.citation})`;
      },
    );
    received.version = complete.version;
    check(file.handoverSystems.includes(MACHINES[0].clientId), 'the case can be handed to the trade register');
    return resumed;
  }

  private async maxHandsOverAndDecides(
    max: Player,
    klara: Player,
    received: { id: string; version: number },
    inbox: Watch,
  ) {
    const { id } = received;
    const { handover } = await this.step(
      'Story23',
      MAX.name,
      () =>
        max.write('Story23Handover', {
          applicationId: id,
          system: MACHINES[0].clientId,
          expectedVersion: received.version,
          idempotencyKey: randomUUID(),
        }),
      ({ handover }) => {
        check(handover.contentHash, 'what is handed over is frozen by its hash');
        return `hands the case to the ${MACHINES[0].clientId}`;
      },
    );
    await this.theRegisterAcknowledges(handover.id);
    const acknowledged = await inbox.until(
      one =>
        one.applicationId === id &&
        one.kind === 'HANDOVER_CHANGED' &&
        one.application.version > handover.application.version,
      'the acknowledgement appears in the inbox',
    );
    const { application: decided } = await this.step(
      'Story25',
      MAX.name,
      () =>
        max.write('Story25Decide', {
          applicationId: id,
          outcome: 'GRANTED',
          reasoning: 'Die Anzeige ist vollständig.',
          legalRemedy: 'Gegen diesen Bescheid kann innerhalb eines Monats nach Bekanntgabe Widerspruch erhoben werden.',
          expectedVersion: acknowledged.application.version,
          idempotencyKey: randomUUID(),
        }),
      ({ application }) => {
        check(
          application.decision.outcome === 'GRANTED' && application.decision.notice.filename.endsWith('.pdf'),
          'it is granted',
        );
        return `decides: ${application.decision.outcome}, notice ${application.decision.notice.filename}`;
      },
    );
    const notified = await inbox.until(
      one => one.applicationId === id && one.kind === 'NOTIFIED' && one.application.version > decided.version,
      'the notice becomes available to Klara',
    );
    await this.klaraReadsTheNotice(klara, id);
    await this.step(
      'Story28',
      MAX.name,
      () => max.write('Story28Close', { applicationId: id, expectedVersion: notified.application.version }),
      ({ application }) => {
        check(
          application.state === 'CLOSED' && application.archiveRecord.retentionUntil,
          'the case is closed and kept',
        );
        return `closes the case; kept until ${application.archiveRecord.retentionUntil}`;
      },
    );
    await this.klaraSeesWhoReadHerData(klara, id);
  }

  private async theRegisterAcknowledges(handoverId: string): Promise<void> {
    const register = await Player.machine(this.stack, MACHINES[0]);
    const fetched = await this.step(
      'Story24 fetch',
      register.name,
      async () => {
        await eventually(
          async () => (await fetch(`${this.stack.lineOfBusinessUrl}/handovers/${handoverId}`)).ok,
          told => told,
          'the register is told of the handover',
        );
        const { handover } = await eventually(
          () => register.do('Story24Fetch', { id: handoverId }),
          answer => answer.handover.state === 'SENT',
          'the handover counts as sent',
        );
        const bytes = await download(handover.downloadUrl);
        return { handover, bytes, contentHash: sha256(bytes) };
      },
      ({ handover, bytes, contentHash }) => {
        check(contentHash === handover.contentHash, 'the package is what was handed over');
        return `fetches the package: ${bytes.length} bytes, SHA-256 as announced`;
      },
    );
    await this.step(
      'Story24',
      register.name,
      () =>
        register.write('Story24Acknowledge', {
          handoverId,
          accepted: true,
          externalReference: 'GR-2026-17',
          contentHash: fetched.contentHash,
          expectedVersion: fetched.handover.version,
        }),
      ({ handover }) => {
        check(handover.state === 'ACKNOWLEDGED', 'the handover is acknowledged');
        return `acknowledges it as ${handover.externalReference}`;
      },
    );
  }

  private async klaraReadsTheNotice(klara: Player, id: string): Promise<void> {
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

  private async klaraSeesWhoReadHerData(klara: Player, applicationId: string): Promise<void> {
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

  private async nobodyElseSees({ authorityId }: { authorityId: string }, id: string): Promise<void> {
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
