/** What a line-of-business system does at our platform, as any system outside would: a token, the graph, a download. */

import { createHash } from 'node:crypto';
import { timeLimit } from '../../kernel/limit';

export interface PlatformAccess {
  /** Where the graph is, such as `http://localhost:4000/graphql`. */
  readonly graphUrl: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Default `handover:acknowledge`. */
  readonly scope?: string;
}

export interface Handover {
  readonly id: string;
  readonly version: number;
  readonly state: string;
  readonly system: string;
  readonly contentHash: string;
  readonly downloadUrl: string | null;
}

export interface Acknowledgement {
  readonly accepted: boolean;
  readonly externalReference?: string;
  readonly rejectionReason?: string;
}

export interface Outcome {
  /** As the platform has it now; null when it refused. */
  readonly handover: object | null;
  readonly refusal: object | null;
  /** SHA-256 of what was downloaded, in hex: what was acknowledged. */
  readonly contentHash: string;
  readonly byteSize: number;
  /** Whether that is the hash the platform had announced. */
  readonly hashMatches: boolean;
}

/** A step at the platform that did not work. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';
  constructor(
    readonly step: 'token' | 'fetch' | 'download' | 'acknowledge',
    readonly details: unknown,
  ) {
    super(`The step ${step} at the platform failed.`);
  }
}

const TIMEOUT_MS = 15_000;
/** A token this close to its end is not used any more. */
const SPARE_MS = 30_000;

const FETCH = `query Story24Fetch($id: ID!) { handover(id: $id) { id version state system contentHash downloadUrl } }`;
const ACKNOWLEDGE = `mutation Story24Acknowledge($input: AcknowledgeHandoverInput!) {
  acknowledgeHandover(input: $input) {
    handover { id version state externalReference acknowledgedAt }
    refusal { code message problems { path code message } allowedActions retryable }
  }
}`;

export class Platform {
  private token: { readonly value: string; readonly until: number } | null = null;

  constructor(private readonly access: PlatformAccess) {}

  /**
   * Fetches the package, hashes its bytes and acknowledges them.
   * @throws PlatformError naming the step
   */
  async acknowledge(
    handoverId: string,
    { accepted, externalReference, rejectionReason }: Acknowledgement,
  ): Promise<Outcome> {
    const { handover } = await this.ask<{ handover: Handover | null }>('fetch', 'Story24Fetch', FETCH, {
      id: handoverId,
    });
    if (!handover) throw new PlatformError('fetch', 'not found');
    const bytes = await this.download(handover.downloadUrl);
    const contentHash = createHash('sha256').update(bytes).digest('hex');
    const input = {
      handoverId,
      accepted,
      ...(externalReference !== undefined && { externalReference }),
      ...(rejectionReason !== undefined && { rejectionReason }),
      contentHash,
      expectedVersion: handover.version,
    };
    const { acknowledgeHandover } = await this.ask<{
      acknowledgeHandover: { handover: object | null; refusal: object | null } | null;
    }>('acknowledge', 'Story24Acknowledge', ACKNOWLEDGE, { input });
    return {
      handover: acknowledgeHandover?.handover ?? null,
      refusal: acknowledgeHandover?.refusal ?? null,
      contentHash,
      byteSize: bytes.length,
      hashMatches: contentHash === handover.contentHash,
    };
  }

  private async download(url: string | null): Promise<Buffer> {
    if (url === null) throw new PlatformError('download', 'no downloadUrl');
    const response = await request('download', url, {});
    if (!response.ok) throw new PlatformError('download', `status ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  }

  private async ask<Data>(
    step: 'fetch' | 'acknowledge',
    operationName: string,
    query: string,
    variables: object,
  ): Promise<Data> {
    const response = await request(step, this.access.graphUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await this.bearer()}` },
      body: JSON.stringify({ operationName, query, variables }),
    });
    if (response.status === 401) this.token = null; // the next try gets a fresh one
    const answer = (await response.json().catch(() => ({}))) as { data?: Data | null; errors?: unknown };
    if (!answer.data || answer.errors) throw new PlatformError(step, answer.errors ?? `status ${response.status}`);
    return answer.data;
  }

  private async bearer(): Promise<string> {
    if (this.token && this.token.until > Date.now()) return this.token.value;
    const { issuer, clientId, clientSecret, scope = 'handover:acknowledge' } = this.access;
    const metadata = await request('token', `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {});
    const { token_endpoint: endpoint } = (await metadata.json()) as { token_endpoint: string };
    const response = await request('token', endpoint, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
    });
    const answer = (await response.json()) as { access_token?: string; expires_in?: number };
    if (!answer.access_token) throw new PlatformError('token', answer);
    this.token = { value: answer.access_token, until: Date.now() + (answer.expires_in ?? 0) * 1000 - SPARE_MS };
    return answer.access_token;
  }
}

async function request(step: PlatformError['step'], url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: timeLimit('PLATFORM_TIMEOUT_MS', TIMEOUT_MS) });
  } catch (error) {
    throw new PlatformError(step, (error as Error).message);
  }
}
