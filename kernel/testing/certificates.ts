/** Authorities and certificates for tests of TLS, as PEM files in a folder of their own. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { generate } from 'selfsigned';
import type { CertificateFiles } from '../config';

export interface TestAuthority {
  /** A certificate for this machine, as server and as client. */
  certificate(name: string): Promise<CertificateFiles>;
}

/** @param folder where the files go; see {@link certificateFolder} */
export async function startAuthority(folder: string, name: string): Promise<TestAuthority> {
  const options = { keyType: 'ec', algorithm: 'sha256' } as const;
  const authority = await generate([{ name: 'commonName', value: name }], {
    ...options,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  const write = (file: string, text: string): string => {
    const at = path.join(folder, file);
    fs.writeFileSync(at, text, { mode: 0o600 });
    return at;
  };
  const ca = write(`${name}.pem`, authority.cert);
  return {
    async certificate(holder) {
      const made = await generate([{ name: 'commonName', value: holder }], {
        ...options,
        ca: { key: authority.private, cert: authority.cert },
        extensions: [
          { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
          {
            name: 'subjectAltName',
            altNames: [
              { type: 2, value: 'localhost' },
              { type: 7, ip: '127.0.0.1' },
            ],
          },
        ],
      });
      return { ca, cert: write(`${name}-${holder}.pem`, made.cert), key: write(`${name}-${holder}.key`, made.private) };
    },
  };
}

/** A folder that the caller removes. */
export const certificateFolder = (): string => fs.mkdtempSync(path.join(os.tmpdir(), 'certificates-'));

/** Sets what a process would have in its environment. @param prefix such as `CATALOGUE_` */
export function useCertificate(files: CertificateFiles | null, prefix = ''): void {
  for (const part of ['ca', 'cert', 'key'] as const) {
    const name = `${prefix}TLS_${part.toUpperCase()}`;
    if (files) process.env[name] = files[part];
    else delete process.env[name];
  }
}
