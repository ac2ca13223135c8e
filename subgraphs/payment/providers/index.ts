/** The payment providers we know; one file and one line each. */
import { setting } from '../../../kernel/config';
import type { PaymentProvider } from './provider';
import { xbezahldienste } from './xbezahldienste';

export const PROVIDERS: readonly PaymentProvider[] = [xbezahldienste];

/** @throws Error when there is none of that name */
export function providerNamed(name: string): PaymentProvider {
  const found = PROVIDERS.find(provider => provider.name === name);
  if (!found) throw new Error(`There is no payment provider named ${name}.`);
  return found;
}

/** The one new payments are begun with. */
export const currentProvider = (): PaymentProvider => providerNamed(setting('PAYMENT_PROVIDER'));
