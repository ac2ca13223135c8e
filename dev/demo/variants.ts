/** Other ways the story may go: `npm run demo -- --variant NAME`. */

import { Mandate } from './mandate.variant';
import { Organisation } from './organisation.variant';
import { StepUp } from './step-up.variant';
import { Story } from './story';
import { Substitution } from './substitution.variant';

export const PLAYS = {
  story: { title: 'The story of Klara Muster and Max Schröder', play: Story },
  'step-up': { title: 'Klara steps up in mid-draft', play: StepUp },
  mandate: { title: 'Jonas acts for Klara', play: Mandate },
  organisation: { title: 'The Radwelt GmbH applies', play: Organisation },
  substitution: { title: 'Erika covers for Max', play: Substitution },
} as const;
export type PlayName = keyof typeof PLAYS;
