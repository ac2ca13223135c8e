/** The places for anchors: one line each; ACCESS_LOG_ANCHORS names the one in use. */
import fs from 'node:fs';
import path from 'node:path';
import { optionalSetting, setting, subgraphDatabaseUrl } from '../../../../kernel/config';
import type { AnchorStore } from './anchor';
import { fileAnchors } from './file';
import { s3Anchors } from './s3';
import { type Stamping, stampedAnchors } from './stamped';
import { readRoots } from './time-stamp';

/** A folder for each database, because each has chains of its own. */
const folder = (): string =>
  path.resolve(setting('DATA_DIR'), 'anchors', path.basename(new URL(subgraphDatabaseUrl('identity')).pathname));

export const ANCHOR_STORES: Readonly<Record<string, () => AnchorStore>> = {
  file: () => fileAnchors(folder()),
  s3: () =>
    s3Anchors({
      url: setting('ACCESS_LOG_S3_URL'),
      region: setting('ACCESS_LOG_S3_REGION'),
      keyId: setting('ACCESS_LOG_S3_KEY_ID'),
      secret: setting('ACCESS_LOG_S3_SECRET'),
    }),
};

/** @throws Error when the setting names none, or the roots of the time stamps cannot be read */
export function anchorStore(): AnchorStore {
  const name = setting('ACCESS_LOG_ANCHORS');
  const make = ANCHOR_STORES[name];
  if (!make)
    throw new Error(`ACCESS_LOG_ANCHORS is ${name}, but must be one of: ${Object.keys(ANCHOR_STORES).join(', ')}.`);
  return stampedAnchors(make(), stamping());
}

function stamping(): Stamping | null {
  const [url, file] = [optionalSetting('ACCESS_LOG_TIMESTAMP_URL'), optionalSetting('ACCESS_LOG_TIMESTAMP_ROOTS')];
  if (!file) {
    if (url) throw new Error('ACCESS_LOG_TIMESTAMP_URL needs ACCESS_LOG_TIMESTAMP_ROOTS.');
    return null;
  }
  const roots = readRoots(fs.readFileSync(file, 'utf8'));
  if (roots.length === 0) throw new Error(`There is no certificate in ${file}.`);
  return { url: url ?? null, roots };
}
