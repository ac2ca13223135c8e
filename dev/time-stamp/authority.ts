/** A time-stamp authority of development (RFC 3161 over HTTP), with a root of its own; for tests it can also lie. */
import { createHash, webcrypto } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Integer, Null, ObjectIdentifier, OctetString, PrintableString, Sequence } from 'asn1js';
import {
  AlgorithmIdentifier,
  Attribute,
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  ContentInfo,
  EncapsulatedContentInfo,
  Extension,
  ExtKeyUsage,
  IssuerAndSerialNumber,
  MessageImprint,
  PKIStatusInfo,
  SignedAndUnsignedAttributes,
  SignedData,
  SignerInfo,
  TimeStampReq,
  TimeStampResp,
  TSTInfo,
} from 'pkijs';
import {
  EXTENDED_KEY_USAGE,
  SHA_256,
  TIME_STAMPING,
  TST_INFO,
} from '../../subgraphs/identity/access-log/anchors/time-stamp.names';

const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
/** Of this example only: no such arc was given to anybody. */
const POLICY = '1.3.6.1.4.1.99999.1';
const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;
const EC = { name: 'ECDSA', namedCurve: 'P-256' };

interface Holder {
  readonly certificate: Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

/** What of an answer differs from a good one. */
export interface Lies {
  readonly genTime?: Date;
  readonly purposes?: readonly string[];
  readonly isCritical?: boolean;
  /** The certificate was valid until then. */
  readonly notAfter?: Date;
  /** Signs with a root that nobody trusts. */
  readonly otherRoot?: boolean;
  readonly otherText?: string;
  readonly otherNonce?: boolean;
  readonly status?: number;
  /** Is given the answer (DER) and answers with that. */
  readonly change?: (answer: Buffer) => Buffer;
}

export interface TimeStampAuthority {
  readonly url: string;
  /** The certificate that everything leads to, as PEM. */
  readonly root: string;
  lies: Lies;
  /** How many stamps were asked for. */
  asked: number;
  stop(): Promise<void>;
}

export async function startTimeStampAuthority(): Promise<TimeStampAuthority> {
  const [root, other] = [await makeRoot('Time-stamp root'), await makeRoot('Another root')];
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    authority.asked += 1;
    const { lies } = authority;
    if (request.headers['content-type'] !== 'application/timestamp-query') return void response.writeHead(415).end();
    const answer = await answerTo(Buffer.concat(chunks), lies.otherRoot ? other : root, lies);
    response.setHeader('content-type', 'application/timestamp-reply');
    response.end(lies.change?.(answer) ?? answer);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const authority: TimeStampAuthority = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    root: pemOf(root.certificate),
    lies: {},
    asked: 0,
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
  return authority;
}

async function answerTo(query: Buffer, root: Holder, lies: Lies): Promise<Buffer> {
  const { status = 0, otherText, otherNonce, genTime = new Date() } = lies;
  const response = new TimeStampResp({ status: new PKIStatusInfo({ status }) });
  if (status > 1) return der(response.toSchema());
  const { messageImprint, nonce } = TimeStampReq.fromBER(arrayOf(query));
  const signer = await makeSigner(root, lies);
  const info = new TSTInfo({
    version: 1,
    policy: POLICY,
    messageImprint: otherText === undefined ? messageImprint : imprintOf(otherText),
    serialNumber: serial(),
    genTime,
    ...(nonce && { nonce: otherNonce ? serial() : nonce }),
  });
  response.timeStampToken = await signedBy(signer, root, info);
  return der(response.toSchema());
}

async function signedBy(signer: Holder, root: Holder, info: TSTInfo): Promise<ContentInfo> {
  const content = info.toSchema().toBER();
  const attributes = [
    new Attribute({ type: '1.2.840.113549.1.9.3', values: [new ObjectIdentifier({ value: TST_INFO })] }),
    new Attribute({ type: '1.2.840.113549.1.9.4', values: [new OctetString({ valueHex: sha256(content) })] }),
    new Attribute({ type: SIGNING_CERTIFICATE_V2, values: [certificateId(signer.certificate)] }),
  ];
  const encapsulated = new EncapsulatedContentInfo({ eContentType: TST_INFO });
  encapsulated.eContent = new OctetString({ valueHex: content }); // its constructor would cut it into parts
  const signed = new SignedData({
    version: 3,
    encapContentInfo: encapsulated,
    signerInfos: [
      new SignerInfo({
        version: 1,
        sid: new IssuerAndSerialNumber({
          issuer: signer.certificate.issuer,
          serialNumber: signer.certificate.serialNumber,
        }),
        signedAttrs: new SignedAndUnsignedAttributes({ type: 0, attributes }),
      }),
    ],
    certificates: [signer.certificate, root.certificate],
  });
  await signed.sign(signer.keys.privateKey as webcrypto.CryptoKey, 0, 'SHA-256');
  return new ContentInfo({ contentType: ContentInfo.SIGNED_DATA, content: signed.toSchema(true) });
}

/** ESSCertIDv2 (RFC 5816): by which certificate, so that none takes its place. */
const certificateId = (certificate: Certificate): Sequence =>
  new Sequence({
    value: [
      new Sequence({
        value: [new Sequence({ value: [new OctetString({ valueHex: sha256(certificate.toSchema(true).toBER()) })] })],
      }),
    ],
  });

async function makeRoot(name: string): Promise<Holder> {
  const keys = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
  const certificate = await makeCertificate(name, keys, null, new Date(Date.now() + 10 * YEAR_MS), [
    new Extension({
      extnID: '2.5.29.19',
      critical: true,
      extnValue: new BasicConstraints({ cA: true }).toSchema().toBER(),
    }),
  ]);
  return { certificate, keys };
}

async function makeSigner(root: Holder, lies: Lies): Promise<Holder> {
  const { purposes = [TIME_STAMPING], isCritical = true, notAfter = new Date(Date.now() + YEAR_MS) } = lies;
  const keys = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
  const usage = new ExtKeyUsage({ keyPurposes: [...purposes] });
  const certificate = await makeCertificate('Time-stamp authority', keys, root, notAfter, [
    new Extension({ extnID: EXTENDED_KEY_USAGE, critical: isCritical, extnValue: usage.toSchema().toBER() }),
  ]);
  return { certificate, keys };
}

async function makeCertificate(
  name: string,
  keys: webcrypto.CryptoKeyPair,
  issuer: Holder | null,
  notAfter: Date,
  extensions: Extension[],
): Promise<Certificate> {
  const certificate = new Certificate({ version: 2, serialNumber: serial(), extensions });
  certificate.subject.typesAndValues.push(commonName(name));
  certificate.issuer = issuer?.certificate.subject ?? certificate.subject;
  certificate.notBefore.value = new Date(notAfter.getTime() - 20 * YEAR_MS);
  certificate.notAfter.value = notAfter;
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey as webcrypto.CryptoKey);
  await certificate.sign((issuer?.keys ?? keys).privateKey as webcrypto.CryptoKey, 'SHA-256');
  return certificate;
}

const commonName = (name: string): AttributeTypeAndValue =>
  new AttributeTypeAndValue({ type: '2.5.4.3', value: new PrintableString({ value: name }) });

const imprintOf = (text: string): MessageImprint =>
  new MessageImprint({
    hashAlgorithm: new AlgorithmIdentifier({ algorithmId: SHA_256, algorithmParams: new Null() }),
    hashedMessage: new OctetString({ valueHex: sha256(Buffer.from(text)) }),
  });

function serial(): Integer {
  const bytes = webcrypto.getRandomValues(new Uint8Array(12));
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return new Integer({ valueHex: bytes.buffer });
}

const arrayOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;
const sha256 = (bytes: ArrayBuffer | Uint8Array): ArrayBuffer =>
  arrayOf(
    createHash('sha256')
      .update(Buffer.from(bytes as ArrayBuffer))
      .digest(),
  );
const der = (schema: { toBER(): ArrayBuffer }): Buffer => Buffer.from(schema.toBER());

function pemOf(certificate: Certificate): string {
  const lines = der(certificate.toSchema(true))
    .toString('base64')
    .match(/.{1,64}/g)!;
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
