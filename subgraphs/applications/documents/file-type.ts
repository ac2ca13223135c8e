/** The media type of bytes by their magic numbers; the package is an ES module, so it is loaded when first needed. */
let loaded: Promise<typeof import('file-type')> | undefined;

/** @returns a media type such as `image/png`, or undefined when the bytes tell none. */
export async function fromBuffer(head: Buffer): Promise<string | undefined> {
  loaded ??= import('file-type');
  const { fileTypeFromBuffer } = await loaded;
  return (await fileTypeFromBuffer(head))?.mime;
}
