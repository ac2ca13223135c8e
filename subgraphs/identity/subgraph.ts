/** Identity (OSI-Servicekonto): accounts, sign-in, sessions, mandates, staff, substitutions, the access log. */
import type { Context } from '../../kernel/context';
import type { Database } from '../../kernel/database/database';
import { logger } from '../../kernel/log';
import { serviceOf } from '../../kernel/principal';
import { repeat } from '../../kernel/repeat';
import type { Subgraph } from '../../kernel/server/subgraph.server';
import { startAnchoring } from './access-log/access.anchor';
import { forgetReaders } from './access-log/access.forgetting';
import { AccessRecordConnectionResolver, AccessRecordResolver } from './access-log/access.resolver';
import { Account, OrganisationMember, VerifiedAttribute } from './accounts/account.entity';
import { accountById } from './accounts/account.loaders';
import { AccountResolver, OrganisationMemberResolver } from './accounts/account.resolver';
import { asks } from './asks';
import { Mandate } from './mandates/mandate.entity';
import { MandateResolver } from './mandates/mandate.resolver';
import { mandateById } from './mandates/mandate.service';
import { PrivacyRequest } from './privacy/privacy.entity';
import { privacyRoutes } from './privacy/privacy.files';
import { retireIdleAccounts } from './privacy/privacy.idle';
import { expireCopies, privacyQueue } from './privacy/privacy.queue';
import { PrivacyRequestResolver } from './privacy/privacy.resolver';
import { privacyRequestById } from './privacy/privacy.service';
import { reactions, together } from './reactions';
import { scimRoutes } from './scim/scim.routes';
import { internalRoutes } from './sessions/internal.routes';
import { SessionResolver } from './sessions/session.resolver';
import { forgetOld } from './sessions/session.service';
import { logoutRoutes } from './sign-in/logout.routes';
import { TokenRevocation } from './sign-in/revocation.entity';
import { revocationQueue } from './sign-in/revocation.service';
import { signInRoutes } from './sign-in/sign-in.routes';
import { StaffMember } from './staff/staff.entity';
import { staffMemberById } from './staff/staff.loaders';
import { StaffMemberResolver } from './staff/staff.resolver';
import { Substitution } from './substitutions/substitution.entity';
import { SubstitutionResolver } from './substitutions/substitution.resolver';
import { substitutionRights } from './substitutions/substitution.rights';
import { substitutionById } from './substitutions/substitution.service';
import { ServiceAtPlace, ServiceAtPlaceResolver } from './trust/trust.resolver';

interface ById {
  readonly id: string;
}

const identity: Subgraph = {
  name: 'identity',
  resolvers: [
    SessionResolver,
    AccountResolver,
    OrganisationMemberResolver,
    MandateResolver,
    StaffMemberResolver,
    SubstitutionResolver,
    AccessRecordResolver,
    AccessRecordConnectionResolver,
    PrivacyRequestResolver,
    ServiceAtPlaceResolver,
  ],
  references: {
    // that an account exists is no secret to who holds its id; each of its fields asks who may see it
    Account: ({ id }: ById, ctx) => accountById(ctx).load(id),
    StaffMember: ({ id }: ById, ctx) => staffMemberById(ctx).load(id),
    Mandate: ({ id }: ById, ctx) => mandateById(ctx).load(id),
    Substitution: ({ id }: ById, ctx) => findSubstitution(id, ctx),
    PrivacyRequest: ({ id }: ById, ctx) => privacyRequestById(ctx).load(id),
    ServiceAtPlace: (reference: object) => reference,
  },
  orphans: [ServiceAtPlace],
  entities: [
    Account,
    VerifiedAttribute,
    OrganisationMember,
    StaffMember,
    Substitution,
    Mandate,
    PrivacyRequest,
    TokenRevocation,
  ],
  reactions,
  together,
  queues: [privacyQueue, revocationQueue],
  asks,
  routes(app, running) {
    internalRoutes(app, running);
    signInRoutes(app, running.db);
    logoutRoutes(app, running.db);
    scimRoutes(app, running.db);
    privacyRoutes(app, running.db);
  },
  background: ({ db }) => {
    const stops = [startForgetting(db), startAnchoring(db)];
    return async () => {
      await Promise.all(stops.map(stop => stop()));
    };
  },
  sdl: `
    extend enum IdentificationMethod @tag(name: "public")
    extend enum TrustLevel @tag(name: "public")
  `,
};

async function findSubstitution(id: string, ctx: Context): Promise<Substitution | null> {
  const found = await substitutionById(ctx).load(id);
  return found && substitutionRights.maySee(found, ctx.asker) ? found : null;
}

async function forget(db: Database): Promise<void> {
  await db.tx(serviceOf(db.name), forgetOld);
  await db.tx(serviceOf(db.name), expireCopies);
  await retireIdleAccounts(db);
  while ((await db.tx(serviceOf(db.name), forgetReaders)) > 0);
}

const FORGET_EVERY_MS = 10 * 60_000;

function startForgetting(db: Database): () => Promise<void> {
  return repeat(
    FORGET_EVERY_MS,
    () => forget(db),
    error => logger(db.name).warn('the old could not be forgotten', { error }),
  );
}

export default identity;
