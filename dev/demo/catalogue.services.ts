/** The services of the demo data: real LeiKa keys, texts written by us. */
import { TRADE_REGISTRATION } from './facts';

export interface DemoService {
  readonly leikaKey: string;
  readonly title: readonly [de: string, en: string];
  readonly summary: readonly [de: string, en: string];
  readonly lifeTopic: string;
  /** German names of life situations, as in SITUATIONS. */
  readonly situations: readonly string[];
  readonly audiences: readonly ('CITIZEN' | 'BUSINESS')[];
  readonly trust: 'LOW' | 'SUBSTANTIAL' | 'HIGH';
  readonly legalBasis: readonly string[];
  readonly synonyms: readonly string[];
  readonly documents?: readonly { code: string; name: readonly [de: string, en: string]; mandatory: boolean }[];
  readonly recommendations?: readonly { leikaKey: string; reason: readonly [de: string, en: string] }[];
  readonly onBoosterList?: boolean;
  readonly singleContactPossible?: boolean;
  /** Who is responsible in the demo data; nobody yet for the trade registration, which the story enters. */
  readonly handledBy: 'association' | 'district' | 'state' | 'nobody';
}

/** German name, English name, topic, audience. */
export const SITUATIONS = [
  ['Unternehmensstart & Gewerbezulassung', 'Starting a business', 'BUSINESS', 'BUSINESS'],
  ['Geschäftsauflösung & Unternehmensübergang', 'Closing or handing over a business', 'BUSINESS', 'BUSINESS'],
  ['Wohnen & Umzug', 'Housing and moving', 'BUILDING_HOUSING', 'CITIZEN'],
  ['Hausbau & Immobilienerwerb', 'Building or buying a house', 'BUILDING_HOUSING', 'CITIZEN'],
  ['Kfz-Besitz', 'Owning a car', 'MOBILITY_TRAVEL', 'CITIZEN'],
  ['Tierhaltung', 'Keeping animals', 'ENGAGEMENT_LEISURE', 'CITIZEN'],
  ['Geburt', 'Birth of a child', 'FAMILY_CHILD', 'CITIZEN'],
  ['Trennung mit Kind', 'Separation with children', 'FAMILY_CHILD', 'CITIZEN'],
  ['Querschnitt Bürger', 'Documents for everybody', 'CROSS_CUTTING', 'CITIZEN'],
] as const;

export const RESIDENCE = '99115005104000';
export const CAR = '99036008071000';
const RESTAURANT = '99025002169000';
const TRADE_CHANGE = '99050012071000';
const DOG_TAX = '99102013002000';
const PARKING = '99108001001000';

export const SERVICES: readonly DemoService[] = [
  {
    leikaKey: TRADE_REGISTRATION,
    title: ['Gewerbeanmeldung', 'Trade registration'],
    summary: [
      'Wer ein Gewerbe beginnt, zeigt es bei der Gemeinde oder dem Amt an. Die Anzeige geht online und wird binnen weniger Tage bestätigt.',
      'Whoever starts a trade notifies the municipality or its joint administration. The notification is made online and confirmed within a few days.',
    ],
    lifeTopic: 'BUSINESS',
    situations: ['Unternehmensstart & Gewerbezulassung'],
    audiences: ['CITIZEN', 'BUSINESS'],
    trust: 'SUBSTANTIAL',
    legalBasis: ['§ 14 GewO', '§ 15 GewO'],
    synonyms: [
      'Gewerbe anmelden',
      'Gewerbeanzeige',
      'Gewerbeschein',
      'Gewerbe eröffnen',
      'Laden eröffnen',
      'Firma gründen',
      'selbstständig machen',
      'register a business',
      'open a shop',
    ],
    documents: [
      {
        code: 'RENTAL_CONTRACT',
        name: ['Mietvertrag der Betriebsräume', 'Rental contract of the premises'],
        mandatory: false,
      },
      { code: 'ID_CARD_COPY', name: ['Kopie des Personalausweises', 'Copy of the identity card'], mandatory: false },
    ],
    recommendations: [
      {
        leikaKey: RESTAURANT,
        reason: [
          'Wer Getränke oder Speisen ausgibt, zeigt auch das Gaststättengewerbe an.',
          'Whoever serves food or drinks notifies the restaurant trade as well.',
        ],
      },
      {
        leikaKey: PARKING,
        reason: ['Parken in der Nähe des Betriebs.', 'Parking near the premises.'],
      },
    ],
    onBoosterList: true,
    singleContactPossible: true,
    handledBy: 'nobody',
  },
  {
    leikaKey: TRADE_CHANGE,
    title: ['Gewerbeummeldung', 'Change of a trade registration'],
    summary: [
      'Zieht der Betrieb um oder ändert sich die Tätigkeit, wird das Gewerbe umgemeldet.',
      'When a business moves or changes what it does, its registration is changed.',
    ],
    lifeTopic: 'BUSINESS',
    situations: ['Unternehmensstart & Gewerbezulassung'],
    audiences: ['BUSINESS'],
    trust: 'SUBSTANTIAL',
    legalBasis: ['§ 14 GewO'],
    synonyms: ['Gewerbe ummelden', 'Betrieb verlegen', 'move a business'],
    onBoosterList: true,
    singleContactPossible: true,
    handledBy: 'association',
  },
  {
    leikaKey: '99050012070000',
    title: ['Gewerbeabmeldung', 'Deregistration of a trade'],
    summary: [
      'Wer sein Gewerbe aufgibt, meldet es ab. Das Finanzamt erfährt es von der Behörde.',
      'Whoever gives up a trade deregisters it. The authority tells the tax office.',
    ],
    lifeTopic: 'BUSINESS',
    situations: ['Geschäftsauflösung & Unternehmensübergang'],
    audiences: ['BUSINESS'],
    trust: 'SUBSTANTIAL',
    legalBasis: ['§ 14 GewO'],
    synonyms: ['Gewerbe abmelden', 'Betrieb aufgeben', 'close a business'],
    onBoosterList: true,
    singleContactPossible: true,
    handledBy: 'association',
  },
  {
    leikaKey: RESTAURANT,
    title: ['Gaststättengewerbe anzeigen', 'Notify a restaurant trade'],
    summary: [
      'Wer Speisen oder Getränke zum Verzehr an Ort und Stelle anbietet, zeigt es vier Wochen vorher an.',
      'Whoever offers food or drinks to be consumed on the spot notifies it four weeks before.',
    ],
    lifeTopic: 'BUSINESS',
    situations: ['Unternehmensstart & Gewerbezulassung'],
    audiences: ['BUSINESS'],
    trust: 'SUBSTANTIAL',
    legalBasis: ['§ 2 GastG'],
    synonyms: ['Café eröffnen', 'Kneipe eröffnen', 'Restaurant anmelden', 'open a café'],
    singleContactPossible: true,
    handledBy: 'association',
  },
  {
    leikaKey: RESIDENCE,
    title: ['Wohnsitz anmelden oder ummelden', 'Register a change of residence'],
    summary: [
      'Nach einem Umzug meldet man die neue Wohnung innerhalb von zwei Wochen an.',
      'After moving house, the new home is registered within two weeks.',
    ],
    lifeTopic: 'BUILDING_HOUSING',
    situations: ['Wohnen & Umzug'],
    audiences: ['CITIZEN'],
    trust: 'HIGH',
    legalBasis: ['§ 17 BMG'],
    synonyms: ['Wohnsitz ummelden', 'Wohnung anmelden', 'umziehen', 'Umzug melden', 'moving house'],
    documents: [
      {
        code: 'LANDLORD_CONFIRMATION',
        name: ['Wohnungsgeberbestätigung', 'Confirmation by the landlord'],
        mandatory: true,
      },
    ],
    recommendations: [
      {
        leikaKey: CAR,
        reason: [
          'Nach dem Umzug muss auch die neue Anschrift in den Fahrzeugschein.',
          'After moving, the new address must be entered in the vehicle registration too.',
        ],
      },
      { leikaKey: DOG_TAX, reason: ['Ein Hund zieht mit um.', 'A dog moves with you.'] },
    ],
    onBoosterList: true,
    handledBy: 'association',
  },
  {
    leikaKey: CAR,
    title: ['Fahrzeug ummelden', 'Change a vehicle registration'],
    summary: [
      'Nach einem Umzug oder Kauf wird das Fahrzeug bei der Zulassungsstelle des Kreises umgeschrieben.',
      'After moving or buying, a vehicle is re-registered at the registration office of the district.',
    ],
    lifeTopic: 'MOBILITY_TRAVEL',
    situations: ['Kfz-Besitz', 'Wohnen & Umzug'],
    audiences: ['CITIZEN', 'BUSINESS'],
    trust: 'SUBSTANTIAL',
    legalBasis: ['§ 15 FZV'],
    synonyms: ['Auto ummelden', 'Kfz ummelden', 'Auto anmelden', 'Pkw-Umschreibung', 'register a car'],
    onBoosterList: true,
    handledBy: 'district',
  },
  {
    leikaKey: DOG_TAX,
    title: ['Hundesteuer', 'Dog tax'],
    summary: [
      'Wer einen Hund hält, meldet ihn zur Hundesteuer an und bekommt eine Marke.',
      'Whoever keeps a dog registers it for the dog tax and gets a tag.',
    ],
    lifeTopic: 'ENGAGEMENT_LEISURE',
    situations: ['Tierhaltung'],
    audiences: ['CITIZEN'],
    trust: 'LOW',
    legalBasis: ['§ 3 KAG'],
    synonyms: ['Hund anmelden', 'Hundemarke', 'register a dog'],
    handledBy: 'association',
  },
  {
    leikaKey: '99008001012000',
    title: ['Personalausweis beantragen', 'Apply for an identity card'],
    summary: [
      'Den Personalausweis beantragt man persönlich; den Termin gibt es online.',
      'An identity card is applied for in person; the appointment is made online.',
    ],
    lifeTopic: 'CROSS_CUTTING',
    situations: ['Querschnitt Bürger'],
    audiences: ['CITIZEN'],
    trust: 'LOW',
    legalBasis: ['§ 9 PAuswG'],
    synonyms: ['Ausweis', 'Perso', 'identity card'],
    onBoosterList: true,
    handledBy: 'association',
  },
  {
    leikaKey: '99027002012000',
    title: ['Geburtsurkunde', 'Birth certificate'],
    summary: [
      'Das Standesamt des Geburtsorts stellt Geburtsurkunden aus, auch mehrsprachige.',
      'The registry office of the place of birth issues birth certificates, multilingual ones too.',
    ],
    lifeTopic: 'FAMILY_CHILD',
    situations: ['Geburt'],
    audiences: ['CITIZEN'],
    trust: 'SUBSTANTIAL',
    legalBasis: ['§ 59 PStG'],
    synonyms: ['Urkunde vom Standesamt', 'birth certificate'],
    onBoosterList: true,
    handledBy: 'association',
  },
  {
    leikaKey: PARKING,
    title: ['Bewohnerparkausweis', 'Resident parking permit'],
    summary: [
      'Wer in einer Bewohnerparkzone wohnt, bekommt einen Ausweis für das eigene Fahrzeug.',
      'Whoever lives in a resident parking zone gets a permit for their own vehicle.',
    ],
    lifeTopic: 'MOBILITY_TRAVEL',
    situations: ['Kfz-Besitz'],
    audiences: ['CITIZEN'],
    trust: 'LOW',
    legalBasis: ['§ 45 StVO'],
    synonyms: ['Anwohnerparken', 'Parkausweis', 'parking permit'],
    handledBy: 'association',
  },
  {
    leikaKey: '99012008001000',
    title: ['Baugenehmigung', 'Building permit'],
    summary: [
      'Wer baut, umbaut oder anders nutzt, braucht meist eine Genehmigung der Bauaufsicht des Kreises.',
      'Whoever builds, converts or changes a use mostly needs a permit of the district.',
    ],
    lifeTopic: 'BUILDING_HOUSING',
    situations: ['Hausbau & Immobilienerwerb'],
    audiences: ['CITIZEN', 'BUSINESS'],
    trust: 'HIGH',
    legalBasis: ['§ 58 LBO SH'],
    synonyms: ['Bauantrag', 'Haus bauen', 'building permit'],
    handledBy: 'district',
  },
  {
    leikaKey: '99107023017000',
    title: ['Wohngeld', 'Housing benefit'],
    summary: [
      'Wohngeld ist ein Zuschuss zur Miete oder zu den Lasten des eigenen Hauses.',
      'Housing benefit helps with the rent or with the costs of one’s own home.',
    ],
    lifeTopic: 'BUILDING_HOUSING',
    situations: ['Wohnen & Umzug'],
    audiences: ['CITIZEN'],
    trust: 'SUBSTANTIAL',
    legalBasis: ['§ 22 WoGG'],
    synonyms: ['Mietzuschuss', 'Zuschuss zur Miete', 'rent support'],
    onBoosterList: true,
    handledBy: 'association',
  },
  {
    leikaKey: '99107021017000',
    title: ['Unterhaltsvorschuss', 'Advance on maintenance'],
    summary: [
      'Zahlt der andere Elternteil nicht, gibt es einen Vorschuss auf den Unterhalt des Kindes.',
      'When the other parent does not pay, an advance on the child’s maintenance is granted.',
    ],
    lifeTopic: 'FAMILY_CHILD',
    situations: ['Trennung mit Kind'],
    audiences: ['CITIZEN'],
    trust: 'SUBSTANTIAL',
    legalBasis: ['§ 1 UhVorschG'],
    synonyms: ['UVO', 'Alimente', 'child maintenance'],
    onBoosterList: true,
    handledBy: 'district',
  },
];
