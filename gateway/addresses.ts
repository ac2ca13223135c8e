/** Which network a request comes from: as the connection says, or as a proxy of ours says of it. Clients may write what they like. */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

export class Addresses {
  private readonly proxies = new BlockList();
  private readonly hasProxies: boolean;

  /** @param proxies networks whose `X-Forwarded-For` is believed, such as `10.0.0.0/8`  @throws Error for one that is none */
  constructor(proxies: readonly string[]) {
    this.hasProxies = proxies.length > 0;
    for (const network of proxies) {
      const [address = '', bits] = network.split('/');
      if (isIP(address) === 0) throw new Error(`${network} is no network.`);
      if (bits === undefined) this.proxies.addAddress(address, familyOf(address));
      else this.proxies.addSubnet(address, Number(bits), familyOf(address));
    }
  }

  /** Each proxy adds whom it has heard, so the list is read from its end, as far as our own proxies have written it. */
  of({ socket, headers }: IncomingMessage): string {
    let address = withoutMapping(socket.remoteAddress ?? '');
    if (!this.hasProxies) return networkOf(address);
    const hops = String(headers['x-forwarded-for'] ?? '').split(',');
    while (this.isProxy(address)) {
      const before = withoutMapping(hops.pop()?.trim() ?? '');
      if (isIP(before) === 0) break;
      address = before;
    }
    return networkOf(address);
  }

  private isProxy(address: string): boolean {
    return isIP(address) !== 0 && this.proxies.check(address, familyOf(address));
  }
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

const withoutMapping = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/** One subscriber of IPv6 has a whole /64. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head.split(':').filter(Boolean);
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter(Boolean).length;
  return [...groups, ...Array<string>(Math.max(missing, 0)).fill('0'), ...(tail ?? '').split(':')]
    .slice(0, 4)
    .map(group => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
