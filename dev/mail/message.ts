/** Reads an e-mail as far as development needs it: subject and text, in whatever encoding they came. */

export interface Message {
  readonly subject: string;
  /** The plain text, or what there is. */
  readonly text: string;
}

interface Part {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export function readMessage(raw: Buffer): Message {
  const message = partOf(raw);
  const text = textOf(message);
  return { subject: decodeWords(message.headers.get('subject') ?? ''), text: text?.trimEnd() ?? '' };
}

/** Bytes as Latin-1 so that positions in the text are positions in the buffer. */
function partOf(raw: Buffer): Part {
  const end = /\r?\n\r?\n/.exec(raw.toString('latin1'));
  const head = raw.subarray(0, end?.index ?? raw.length).toString('utf8');
  const headers = new Map<string, string>();
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { headers, body: end ? raw.subarray(end.index + end[0].length) : Buffer.alloc(0) };
}

/** The first plain text in it; null when there is none (an attachment, say). */
function textOf({ headers, body }: Part): string | null {
  const type = headers.get('content-type') ?? 'text/plain';
  const boundary = /^multipart\/.*boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary) {
    const parts = body.toString('latin1').split(`--${boundary}`).slice(1, -1);
    for (const part of parts) {
      const text = textOf(partOf(Buffer.from(part.replace(/^\r?\n/, ''), 'latin1')));
      if (text !== null) return text;
    }
    return null;
  }
  if (!/^text\/plain/i.test(type) || /^attachment/i.test(headers.get('content-disposition') ?? '')) return null;
  const charset = /charset="?([^";\s]+)/i.exec(type)?.[1];
  return decode(body, headers.get('content-transfer-encoding')?.toLowerCase(), charset);
}

function decode(body: Buffer, encoding: string | undefined, charset: string | undefined): string {
  const bytes =
    encoding === 'base64'
      ? Buffer.from(body.toString('latin1'), 'base64')
      : encoding === 'quoted-printable'
        ? unquote(body.toString('latin1').replace(/=\r?\n/g, ''))
        : body;
  return bytes.toString(/^iso-8859-1$/i.test(charset ?? '') ? 'latin1' : 'utf8').replace(/\r\n/g, '\n');
}

const unquote = (text: string): Buffer =>
  Buffer.from(
    text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );

/** RFC 2047: `=?utf-8?Q?Best=C3=A4tigung?=`; blanks between two such words mean nothing. */
const decodeWords = (text: string): string =>
  text
    .replace(/(\?=)\s+(=\?)/g, '$1$2')
    .replace(/=\?([^?]+)\?([QB])\?([^?]*)\?=/gi, (_, charset: string, kind: string, word: string) =>
      kind.toUpperCase() === 'B'
        ? decode(Buffer.from(word), 'base64', charset)
        : decode(unquote(word.replaceAll('_', ' ')), undefined, charset),
    );
