/**
 * The story of Klara Muster and Max Schröder, Story00 to Story29, played through the gateway; every answer is checked.
 * The acts stand in the order in which things happen: the live streams are opened before what they are to hear.
 */
import { randomUUID } from 'node:crypto';
import { CaseworkActs } from './casework.acts';
import { PERSONAS, TRADE_REGISTRATION } from './facts';
import { rentalContract } from './files';
import type { Draft, Step } from './play';
import { check, type Data, Player, type Watch } from './player';

const [KLARA, , MAX] = PERSONAS;

export class Story extends CaseworkActs {
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
}
