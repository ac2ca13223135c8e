/** File names: what a user may call a file, and how it is written into a header (RFC 6266). */

/** No folders, no control or format characters, no names a file system takes for something else. */
export function isGoodFilename(name: string): boolean {
  return (
    name.length > 0 &&
    Buffer.byteLength(name) <= 255 &&
    name === name.trim() &&
    !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}/\\:*?"<>|]/u.test(name) &&
    !/^\.+$/.test(name) &&
    !name.startsWith('..')
  );
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
