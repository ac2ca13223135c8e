/**
 * Time stamps (RFC 3161): an authority outside signs that it has seen the hash of a text, and when. Revocation is not
 * looked up: what counts is that the certificate was valid, and led to a trusted root, at the moment that is stamped.
 */

import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { Integer, Null, OctetString } from 'asn1js';
import {
  AlgorithmIdentifier,
  Certificate,
  type ExtKeyUsage,
  MessageImprint,
  SignedData,
  TimeStampReq,
  TimeStampResp,
  TSTInfo,
} from 'pkijs';
import { timeLimit } from '../../../../kernel/limit';
import { outside } from '../../../../kernel/request';
import { EXTENDED_KEY_USAGE, SHA_256, TIME_STAMPING, TST_INFO } from './time-stamp.names';

/** PKIStatus `granted` and `grantedWithMods`. */
const GRANTED = [0, 1];

const TIMEOUT_MS = 10_000;
const LARGEST = 64 * 1024;

/** Why a stamp proves nothing. */
export class StampFlaw extends Error {}

const bytesOf = (buffer: Uint8Array): ArrayBuffer => new Uint8Array(buffer).buffer;
const hashOf = (text: string): ArrayBuffer => bytesOf(createHash('sha256').update(text).digest());

/** @param pem one or more certificates  @throws Error for what is none */
export const readRoots = (pem: string): Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(one =>
    Certificate.fromBER(bytesOf(new X509Certificate(one).raw)),
  );

/**
 * Asks an authority for a stamp of this text; only its hash leaves.
 * @returns the answer as it came (DER), which also `openssl ts -verify` reads
 * @throws Error when there is no answer  @throws StampFlaw when the answer is no stamp of it
 */
export async function requestStamp(url: string, text: string, roots: readonly Certificate[]): Promise<Buffer> {
  const nonce = randomBytes(16);
  nonce[0] = (nonce[0]! & 0x7f) | 0x40; // positive, and of full length
  const request = new TimeStampReq({
    version: 1,
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithmId: SHA_256, algorithmParams: new Null() }),
      hashedMessage: new OctetString({ valueHex: hashOf(text) }),
    }),
    nonce: new Integer({ valueHex: bytesOf(nonce) }),
    certReq: true,
  });
  const response = await outside(() =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
      body: request.toSchema().toBER(),
      redirect: 'error',
      signal: timeLimit('TIME_STAMP_TIMEOUT_MS', TIMEOUT_MS),
    }),
  );
  if (!response.ok) throw new Error(`The time-stamp authority answered ${response.status}.`);
  const stamp = await bounded(response);
  const { nonce: answered } = (await openStamp(stamp, text, roots)).info;
  if (!answered || !Buffer.from(answered.valueBlock.valueHexView).equals(nonce))
    throw new StampFlaw('it answers another question');
  return stamp;
}

async function bounded(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > LARGEST) throw new Error('The time-stamp authority answers too much.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** @returns when the authority saw the text  @throws StampFlaw when it proves nothing about this text */
export async function momentOf(stamp: Buffer, text: string, roots: readonly Certificate[]): Promise<Date> {
  return (await openStamp(stamp, text, roots)).info.genTime;
}

async function openStamp(
  stamp: Buffer,
  text: string,
  roots: readonly Certificate[],
): Promise<{ readonly info: TSTInfo }> {
  const { signed, info } = parsed(stamp);
  if (info.messageImprint.hashAlgorithm.algorithmId !== SHA_256) throw new StampFlaw('it is of another hash');
  if (!Buffer.from(info.messageImprint.hashedMessage.valueBlock.valueHexView).equals(Buffer.from(hashOf(text))))
    throw new StampFlaw('it is of another text');
  const verified = await signed
    .verify({
      signer: 0,
      data: bytesOf(Buffer.from(text)),
      checkChain: true, // at the moment that is stamped
      trustedCerts: [...roots],
      extendedMode: true,
    })
    .catch((error: unknown) => {
      throw new StampFlaw(
        (error as { code?: number }).code === 5 ? 'its signer is not trusted' : 'its signature is wrong',
      );
    });
  if (!verified.signatureVerified) throw new StampFlaw('its signature is wrong');
  if (!verified.signerCertificateVerified) throw new StampFlaw('its signer is not trusted');
  if (!mayStamp(verified.signerCertificate)) throw new StampFlaw('its signer may not stamp times');
  return { info };
}

function parsed(stamp: Buffer): { signed: SignedData; info: TSTInfo } {
  try {
    const response = TimeStampResp.fromBER(bytesOf(stamp));
    if (!GRANTED.includes(response.status.status) || !response.timeStampToken)
      throw new StampFlaw('it was not granted');
    const signed = new SignedData({ schema: response.timeStampToken.content });
    const { eContent, eContentType } = signed.encapContentInfo;
    if (eContentType !== TST_INFO || !eContent || signed.signerInfos.length !== 1)
      throw new StampFlaw('it is no time stamp');
    return { signed, info: TSTInfo.fromBER(eContent.getValue()) };
  } catch (error) {
    throw error instanceof StampFlaw ? error : new StampFlaw('it cannot be read');
  }
}

/** RFC 3161 § 2.3: for stamping times and for nothing else, and critical. */
function mayStamp(certificate: Certificate | null | undefined): boolean {
  const usage = certificate?.extensions?.find(({ extnID }) => extnID === EXTENDED_KEY_USAGE);
  const purposes = (usage?.parsedValue as ExtKeyUsage | undefined)?.keyPurposes ?? [];
  return usage?.critical === true && purposes.length === 1 && purposes[0] === TIME_STAMPING;
}
