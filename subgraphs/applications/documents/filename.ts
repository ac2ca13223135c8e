/** File names: what a user may call a file, what we call it from then on, and how it is written into a header (RFC 6266). */
import { ALLOWED_TYPES, isAllowedType } from './document.types';

const MOST_BYTES = 255;
/** Names that Windows takes for devices, with any extension. */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)/i;
/** No folders, nothing that is not seen or turns the direction of reading, nothing a file system takes for something else. */
const FORBIDDEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}\p{Zl}\p{Zp}/\\:*?"<>|]|(?![\uFE0E\uFE0F])\p{Default_Ignorable_Code_Point}/u;

export function isGoodFilename(name: string): boolean {
  const composed = name.normalize('NFC');
  return (
    composed.length > 0 &&
    Buffer.byteLength(composed) <= MOST_BYTES &&
    composed === composed.trim() &&
    !composed.startsWith('.') &&
    !composed.endsWith('.') &&
    !FORBIDDEN.test(composed) &&
    !DEVICE.test(composed)
  );
}

/**
 * The name under which a file of this type goes on: composed (NFC), its last extension that of the type, and no other one
 * in it: `ausweis.html` is `ausweis_html.jpg` when it is a JPEG. Naming it again changes nothing.
 */
export function fittingName(name: string, type: string): string {
  const composed = name.normalize('NFC');
  if (!isAllowedType(type)) return composed;
  const [usual, ...others] = ALLOWED_TYPES[type];
  const dot = composed.lastIndexOf('.');
  const given = composed.slice(dot + 1);
  const isOfType = dot > 0 && [usual, ...others].some(one => one === given.toLowerCase());
  const stem = isOfType ? composed.slice(0, dot) : composed;
  const extension = `.${isOfType ? given : usual}`;
  const plain = stem.replace(/\.(?=[a-z0-9-]*[a-z][a-z0-9-]*\s*(?:\.|$))/gi, '_');
  return cut(plain, MOST_BYTES - extension.length) + extension;
}

/** As many whole letters as these bytes hold. */
function cut(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  let kept = '';
  for (const { segment } of new Intl.Segmenter('de').segment(text)) {
    if (Buffer.byteLength(kept) + Buffer.byteLength(segment) > most) break;
    kept += segment;
  }
  return kept.trimEnd();
}

/** Always an attachment, so that no browser shows it in our origin. */
export function attachment(filename: string): string {
  const plain = filename.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(filename).replace(
    /['()*]/g,
    letter => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
