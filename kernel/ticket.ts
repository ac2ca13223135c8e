/** Tickets: short-lived signed texts for URLs that carry their own permission (uploads, downloads, confirmations). */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { now } from './clock';
import { derive, type SubgraphName, subgraphConfig } from './config';

const mac = (secret: string, purpose: string, text: string): Buffer =>
  createHmac('sha256', derive(secret, `ticket:${purpose}`))
    .update(text)
    .digest();

/** @param purpose such as `upload`; a ticket fits no other  @param content JSON  @param seconds how long it works */
export function signTicket(name: SubgraphName, purpose: string, content: object, seconds: number): string {
  const text = Buffer.from(JSON.stringify([Math.floor(now().getTime() / 1000) + seconds, content])).toString(
    'base64url',
  );
  return `${text}.${mac(subgraphConfig(name).secret, purpose, text).toString('base64url')}`;
}

/** @returns the content, or null when the ticket is forged, expired or for another purpose. */
export function readTicket<T extends object>(name: SubgraphName, purpose: string, ticket: string): T | null {
  const [text = '', signature = ''] = ticket.split('.');
  const given = Buffer.from(signature, 'base64url');
  const fits = subgraphConfig(name).accepted.some(secret => {
    const expected = mac(secret, purpose, text);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (!fits) return null;
  const [expires, content] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [number, T];
  return expires * 1000 > now().getTime() ? content : null;
}
