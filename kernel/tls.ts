/** Mutual TLS between gateway and subgraphs: the certificate a process shows, and the authority whose certificates it accepts. */
import fs from 'node:fs';
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import { type CertificateFiles, certificateFiles, type SubgraphName, subgraphConfig } from './config';

/** PEM; goes into the options of node:tls, undici and ws alike. */
export interface Certificate {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** The process's own. @returns null when TLS is not switched on  @throws Error when only a part of it is set, or a file is missing */
export const certificate = (): Certificate | null => read(certificateFiles());

/**
 * What the gateway shows to a subgraph: one for it alone, such as a partner demands, or its own.
 * @throws Error when an address of the subgraph is not one of TLS, so that it would be left unused
 */
export function certificateTowards(subgraph: SubgraphName): Certificate | null {
  const shown = read(certificateFiles(subgraph));
  if (shown) for (const url of subgraphConfig(subgraph).urls) demandTls(url);
  return shown;
}

/** @throws Error for an address without TLS */
export function demandTls(address: string): void {
  if (!address.startsWith('https:')) throw new Error(`${address} must begin with https: because certificates are set.`);
}

/** A server that talks, when the process has a certificate, to nobody without one of the same authority. */
export function createServer(listener: RequestListener): http.Server | https.Server {
  const own = certificate();
  return own
    ? https.createServer({ ...own, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' }, listener)
    : http.createServer(listener);
}

const read = (files: CertificateFiles | null): Certificate | null =>
  files && {
    ca: fs.readFileSync(files.ca),
    cert: fs.readFileSync(files.cert),
    key: fs.readFileSync(files.key),
  };
