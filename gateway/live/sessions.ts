/** Who is behind a live connection: asked anew for every event, and over with the token or the session. */
import { setTimeout as wait } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import { now } from '../../kernel/clock';
import { ANONYMOUS, actorKey, type Principal } from '../../kernel/principal';
import type { Credential } from '../credential';
import type { Principals, SignedIn } from '../principal';
import { names } from '../revocations';

/** Why a session is over, in words for the client. */
export const EXPIRED = 'The access token has expired.';
export const ENDED = 'The session has ended.';

/** The account has as many live connections as it may have. */
export class TooMany extends Error {
  constructor(limit: number) {
    super(`No more than ${limit} live connections of one account.`);
    this.name = 'TooMany';
  }
}

const ASK_AGAIN_MS = 1_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class LiveSessions {
  private readonly open = new Set<LiveSession>();
  private readonly stopHearing: (() => void) | undefined;

  /**
   * @param principals who is behind a token; null in plain mode, where everybody is anonymous
   * @param perAccount live connections of one account at most
   */
  constructor(
    private readonly principals: Principals | null,
    private readonly perAccount: number,
  ) {
    this.stopHearing = principals?.onRevoked(revocation => {
      for (const session of [...this.open]) {
        const { principal } = session;
        if (revocation === 'missed') void session.checkAgain();
        else if (names(revocation, principal)) session.end(ENDED);
      }
    });
  }

  /**
   * @param over called at most once, when the session has ended or the token has expired
   * @param isLive whether it counts: a query that is answered as a stream does not
   * @throws GraphQLError UNAUTHENTICATED, or SUBGRAPH_UNAVAILABLE when identity does not answer; TooMany
   */
  async begin(
    credential: Credential | null,
    over: (reason: string) => void,
    isLive = true,
  ): Promise<LiveSession | null> {
    if (!credential || !this.principals) return null;
    const signedIn = await this.principals.of(credential);
    const account = accountOf(signedIn.principal);
    let count = 0;
    for (const { isLive, principal } of this.open) if (isLive && accountOf(principal) === account) count += 1;
    if (isLive && count >= this.perAccount) throw new TooMany(this.perAccount);
    const session: LiveSession = new LiveSession(this.principals, credential, signedIn, isLive, reason => {
      this.open.delete(session);
      if (reason !== null) over(reason);
    });
    this.open.add(session);
    session.endAtExpiry(); // it may be over by now
    return session;
  }

  stop(): void {
    this.stopHearing?.();
  }
}

export class LiveSession {
  private timer: NodeJS.Timeout | undefined;
  private isOver = false;
  /** It was ended, other than by the client. */
  ended = false;

  constructor(
    private readonly principals: Principals,
    private credential: Credential,
    private signedIn: SignedIn,
    readonly isLive: boolean,
    private readonly over: (reason: string | null) => void,
  ) {}

  get principal(): Principal {
    return this.signedIn.principal;
  }

  /** @throws GraphQLError UNAUTHENTICATED when the rights have ended, SUBGRAPH_UNAVAILABLE when nobody can say */
  async now(): Promise<Principal> {
    this.signedIn = await this.principals.of(this.credential);
    return this.signedIn.principal;
  }

  /** For an event: while identity does not answer, the event waits; nothing is delivered on rights that nobody confirms. */
  async patiently(): Promise<Principal> {
    for (;;) {
      try {
        return await this.now();
      } catch (error) {
        if (isEnded(error) || this.isOver) throw error;
        await wait(ASK_AGAIN_MS);
      }
    }
  }

  /** Goes on with another token of the same account. @returns false when it is another's, or no good */
  async renew(credential: Credential): Promise<boolean> {
    const signedIn = await this.principals.of(credential);
    if (this.isOver || accountOf(signedIn.principal) !== accountOf(this.principal)) return false;
    this.credential = credential;
    this.signedIn = signedIn;
    this.endAtExpiry();
    return true;
  }

  /** After identity was out of reach: is the session still there? */
  async checkAgain(): Promise<void> {
    try {
      await this.now();
    } catch (error) {
      if (isEnded(error)) this.end(ENDED);
    }
  }

  /** Ends it now, or when its token expires. */
  endAtExpiry(): void {
    clearTimeout(this.timer);
    const left = this.signedIn.expiresAt - now().getTime();
    if (left <= 0) this.end(EXPIRED);
    else this.timer = setTimeout(() => this.endAtExpiry(), Math.min(left, LONGEST_TIMER_MS));
  }

  /** @param reason what the client is told; null when it has left by itself */
  end(reason: string | null): void {
    if (this.isOver) return;
    this.isOver = true;
    this.ended = reason !== null;
    clearTimeout(this.timer);
    this.over(reason);
  }
}

/** Who has signed in, whomever they act for. */
const accountOf = (principal: Principal): string =>
  principal.kind === 'person' ? principal.accountId : actorKey(principal);

export const principalOf = async (session: LiveSession | null): Promise<Principal> =>
  (await session?.now()) ?? ANONYMOUS;

export const isEnded = (error: unknown): boolean =>
  error instanceof GraphQLError && error.extensions.code === 'UNAUTHENTICATED';
