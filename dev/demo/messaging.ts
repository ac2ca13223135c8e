/** Demo data of messaging: none of its own, since messages come from what happens in the story. */
import type { Tx } from '../../kernel/database/database';
import type { Place } from './facts';

export async function seedMessaging(_tx: Tx, _place: Place): Promise<void> {}
