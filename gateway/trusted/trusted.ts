/**
 * Trusted documents: texts that front ends have registered, found by the SHA-256 of the text. Production may answer only
 * these; then a stranger has no document of his own to try.
 */
import type { Request, RequestHandler } from 'express';
import { GraphQLError, Kind, parse } from 'graphql';
import { keyOf } from '../documents';
import { knowOperations } from '../seen/metrics';

/** SHA-256 of a text, in hex → the text. */
export type Texts = Readonly<Record<string, string>>;

/** How a client says what it asks: by a text, or by the hash of one that is registered. */
export interface Named {
  readonly query?: unknown;
  /** The hash, with or without `sha256:` before it. */
  readonly documentId?: unknown;
  /** With the hash as `persistedQuery.sha256Hash`. */
  readonly extensions?: unknown;
}

export class TrustedDocuments {
  private texts: ReadonlyMap<string, string> = new Map();

  /**
   * @param only whether nothing else is answered
   * @throws Error when a text is not that of its hash
   */
  constructor(
    readonly only: boolean,
    texts: Texts = {},
  ) {
    this.replace(texts);
  }

  /** @throws Error when a text is not that of its hash; then nothing has changed */
  replace(texts: Texts): void {
    const known = new Map(Object.entries(texts));
    for (const [hash, text] of known) {
      if (typeof text !== 'string' || keyOf(text) !== hash) throw new Error(`${hash} is not the hash of its document.`);
    }
    knowOperations([...known.values()].flatMap(namesIn));
    this.texts = known;
  }

  /** Whether a text may be asked. @param hash of the text */
  allows(hash: string): boolean {
    return !this.only || this.texts.has(hash);
  }

  /**
   * @returns undefined when nothing is named, or by a hash that an automatic persisted query may have
   * @throws GraphQLError PERSISTED_QUERY_NOT_IN_LIST for what is not registered and must be; BAD_REQUEST for a persisted
   *   query that is malformed, or not of this text
   */
  textOf({ query, documentId, extensions }: Named): string | undefined {
    if (isMalformed(extensions)) throw refused('BAD_REQUEST', MALFORMED);
    if (typeof query === 'string' && query !== '') {
      if (this.only && !this.texts.has(keyOf(query))) throw notRegistered();
      const hash = hashIn(extensions);
      if (hash !== undefined && hash !== keyOf(query)) throw refused('BAD_REQUEST', OF_ANOTHER_TEXT);
      return query;
    }
    const text = this.registered({ documentId, extensions });
    const isNamed = documentId !== undefined || (this.only && hashIn(extensions) !== undefined);
    if (text === undefined && isNamed) throw notRegistered();
    return text;
  }

  /** The text of a hash; undefined when it has none. */
  registered({ documentId, extensions }: Named): string | undefined {
    if (isMalformed(extensions)) return undefined;
    const hash = typeof documentId === 'string' ? documentId.replace(/^sha256:/, '') : hashIn(extensions);
    return hash === undefined ? undefined : this.texts.get(hash);
  }

  /** Puts the text in place of its hash, for everything behind it. */
  readonly find: RequestHandler = (request, _response, next) => {
    const sent = namedBy(request);
    const text = this.textOf(sent);
    // where there are only registered texts, Apollo Server knows no persisted queries
    const isNamed = text !== sent.query || (this.only && hashIn(sent.extensions) !== undefined);
    if (text !== undefined && isNamed) useText(request, text);
    next();
  };
}

const MALFORMED =
  'extensions.persistedQuery is { "version": 1, "sha256Hash": "…" }, with the SHA-256 of the text in hex.';
const OF_ANOTHER_TEXT = 'The hash in extensions.persistedQuery is not that of the query.';

const refused = (code: string, message: string): GraphQLError =>
  Object.assign(new GraphQLError(message, { extensions: { code, http: { status: 400 } } }), { status: 400 });

const notRegistered = (): GraphQLError =>
  refused('PERSISTED_QUERY_NOT_IN_LIST', 'Only registered documents are answered here, and this is none.');

const persistedIn = (extensions: unknown): unknown =>
  (extensions as { persistedQuery?: unknown } | null | undefined)?.persistedQuery ?? undefined;

/** Whether a hash is sent in a way that could be read in two: a list of one, say, is a key of a map like its member. */
function isMalformed(extensions: unknown): boolean {
  const persisted = persistedIn(extensions);
  if (persisted === undefined) return false;
  const { version, sha256Hash } = persisted as { version?: unknown; sha256Hash?: unknown };
  return version !== 1 || typeof sha256Hash !== 'string';
}

const hashIn = (extensions: unknown): string | undefined =>
  (persistedIn(extensions) as { sha256Hash: string } | undefined)?.sha256Hash;

const addressOf = (request: Request): URL => new URL(`http://gateway${request.url}`);

function namedBy(request: Request): Named {
  if (request.method !== 'GET') return (request.body ?? {}) as Named;
  const { searchParams } = addressOf(request);
  const [query, documentId, extensions] = ['query', 'documentId', 'extensions'].map(
    name => searchParams.get(name) ?? undefined,
  );
  return { query, documentId, extensions: parsed(extensions) };
}

function parsed(json: string | undefined): unknown {
  try {
    return json && JSON.parse(json);
  } catch {
    return undefined; // Apollo Server says what is wrong with it
  }
}

function useText(request: Request, query: string): void {
  if (request.method === 'GET') {
    const { pathname, searchParams } = addressOf(request);
    searchParams.set('query', query);
    for (const name of ['documentId', 'extensions']) searchParams.delete(name);
    request.url = `${pathname}?${searchParams}`;
  } else {
    const { documentId: _, extensions: __, ...rest } = request.body as Record<string, unknown>;
    request.body = { ...rest, query };
  }
}

const namesIn = (text: string): string[] =>
  parse(text, { noLocation: true }).definitions.flatMap(one =>
    one.kind === Kind.OPERATION_DEFINITION && one.name ? [one.name.value] : [],
  );
