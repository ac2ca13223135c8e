/** Notes of who read whose data, committed to the outbox before the answer leaves; what was noted this hour is not noted again. */
import { now } from './clock';
import type { Database } from './database/database';
import { emitAll } from './events/outbox';
import { type Principal, serviceOf } from './principal';

/** One read of personal data by staff or a machine, for the account's access log. */
export interface Access {
  /** Whose data. */
  readonly accountId: string;
  readonly applicationId: string | null;
  readonly subjectType: string;
  readonly subjectId: string;
  /** Such as `read` or `decide`. */
  readonly action: string;
  /** Why: the case reference or the mutation. */
  readonly purpose: string;
}

const HOUR_MS = 60 * 60_000;
/** Forgetting one costs an event that identity drops; so the oldest go. */
const MOST_REMEMBERED = 50_000;

/** What this process has committed in the present hour; identity keeps one entry an hour anyway. */
interface Committed {
  readonly hour: number;
  readonly keys: Set<string>;
}
const committed = new WeakMap<Database, Committed>();

function committedBy(db: Database): Set<string> {
  const hour = Math.floor(now().getTime() / HOUR_MS);
  let found = committed.get(db);
  if (found?.hour !== hour) {
    found = { hour, keys: new Set() };
    committed.set(db, found);
  }
  return found.keys;
}

function remember(db: Database, keys: readonly string[]): void {
  const known = committedBy(db);
  for (const key of keys) known.add(key);
  for (const oldest of known) {
    if (known.size <= MOST_REMEMBERED) break;
    known.delete(oldest);
  }
}

/** @returns null for who reads their own data, or that of everybody */
function readerOf(asker: Principal) {
  if (asker.kind === 'staff') {
    return { staffMemberId: asker.staffMemberId, authorityId: asker.authorityId, machine: null };
  }
  return asker.kind === 'machine' ? { staffMemberId: null, authorityId: null, machine: asker.name } : null;
}

/** The notes of one request or live event. */
export class AccessNotes {
  private readonly noted = new Map<string, Access>();

  constructor(
    private readonly db: Database,
    /** Who asks in the end: what a subgraph or a shared stream reads on somebody's behalf, that somebody reads. */
    private readonly asker: Principal,
  ) {}

  add(access: Access): void {
    if (this.asker.kind !== 'staff' && this.asker.kind !== 'machine') return;
    const { accountId, applicationId, subjectType, subjectId, action, purpose } = access;
    const who = this.asker.kind === 'staff' ? this.asker.staffMemberId : this.asker.name;
    this.noted.set([who, accountId, applicationId, subjectType, subjectId, action, purpose].join('\u0000'), access);
  }

  /** @throws when they cannot be written: then the answer must not leave */
  async commit(): Promise<void> {
    const known = committedBy(this.db);
    const fresh = [...this.noted].filter(([key]) => !known.has(key));
    this.noted.clear();
    if (fresh.length === 0) return;
    const reader = readerOf(this.asker);
    const events = fresh.map(([, access]) => ({ key: access.accountId, payload: { ...access, ...reader } }));
    await this.db.tx(serviceOf(this.db.name), tx => emitAll(tx, 'data.accessed', events));
    remember(
      this.db,
      fresh.map(([key]) => key),
    );
  }
}
