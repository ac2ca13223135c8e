/** The acts of the story in the office: Max asks for what is missing, hands over and decides. */
import { randomUUID } from 'node:crypto';
import { addDays, today } from '../../kernel/clock';
import { MACHINES, PERSONAS } from './facts';
import { idCardPhoto } from './files';
import { NoticeActs } from './notice.acts';
import { download, FORM, sha256 } from './play';
import { check, type Data, eventually, Player, type Watch } from './player';

const [KLARA, , MAX] = PERSONAS;

export abstract class CaseworkActs extends NoticeActs {
  protected async maxAsksForTheIdCard(
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

  protected async maxHandsOverAndDecides(
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
}
