/** The 14 life topics (OZG-Themenfelder): a closed list, so it lives in code. */
import { registerEnumType } from 'type-graphql';
import type { Text } from '../../../kernel/language';

export enum LifeTopicCode {
  MOBILITY_TRAVEL = 'MOBILITY_TRAVEL',
  EDUCATION = 'EDUCATION',
  ENGAGEMENT_LEISURE = 'ENGAGEMENT_LEISURE',
  IMMIGRATION_EMIGRATION = 'IMMIGRATION_EMIGRATION',
  BUSINESS = 'BUSINESS',
  TAXES_CUSTOMS = 'TAXES_CUSTOMS',
  ENVIRONMENT = 'ENVIRONMENT',
  WORK_RETIREMENT = 'WORK_RETIREMENT',
  FAMILY_CHILD = 'FAMILY_CHILD',
  CROSS_CUTTING = 'CROSS_CUTTING',
  BUILDING_HOUSING = 'BUILDING_HOUSING',
  RESEARCH_FUNDING = 'RESEARCH_FUNDING',
  HEALTH = 'HEALTH',
  LAW_ORDER = 'LAW_ORDER',
}
registerEnumType(LifeTopicCode, {
  name: 'LifeTopicCode',
  description: 'The 14 life topics (OZG-Themenfelder).',
  valuesConfig: {
    MOBILITY_TRAVEL: { description: 'Mobilität und Reisen.' },
    EDUCATION: { description: 'Bildung.' },
    ENGAGEMENT_LEISURE: { description: 'Engagement und Hobby.' },
    IMMIGRATION_EMIGRATION: { description: 'Ein- und Auswanderung.' },
    BUSINESS: { description: 'Unternehmensführung und -entwicklung.' },
    TAXES_CUSTOMS: { description: 'Steuern und Zoll.' },
    ENVIRONMENT: { description: 'Umwelt.' },
    WORK_RETIREMENT: { description: 'Arbeit und Ruhestand (in der Quelle: Arbeit und Beruf).' },
    FAMILY_CHILD: { description: 'Familie und Kind.' },
    CROSS_CUTTING: { description: 'Querschnittsleistungen.' },
    BUILDING_HOUSING: { description: 'Bauen und Wohnen.' },
    RESEARCH_FUNDING: { description: 'Forschung und Förderung.' },
    HEALTH: { description: 'Gesundheit.' },
    LAW_ORDER: { description: 'Recht und Ordnung.' },
  },
});

export const TOPIC_NAMES: Readonly<Record<LifeTopicCode, Text>> = {
  MOBILITY_TRAVEL: { de: 'Mobilität und Reisen', en: 'Mobility and travel' },
  EDUCATION: { de: 'Bildung', en: 'Education' },
  ENGAGEMENT_LEISURE: { de: 'Engagement und Hobby', en: 'Volunteering and leisure' },
  IMMIGRATION_EMIGRATION: { de: 'Ein- und Auswanderung', en: 'Immigration and emigration' },
  BUSINESS: { de: 'Unternehmensführung und -entwicklung', en: 'Running and developing a business' },
  TAXES_CUSTOMS: { de: 'Steuern und Zoll', en: 'Taxes and customs' },
  ENVIRONMENT: { de: 'Umwelt', en: 'Environment' },
  WORK_RETIREMENT: { de: 'Arbeit und Ruhestand', en: 'Work and retirement' },
  FAMILY_CHILD: { de: 'Familie und Kind', en: 'Family and children' },
  CROSS_CUTTING: { de: 'Querschnittsleistungen', en: 'Cross-cutting services' },
  BUILDING_HOUSING: { de: 'Bauen und Wohnen', en: 'Building and housing' },
  RESEARCH_FUNDING: { de: 'Forschung und Förderung', en: 'Research and funding' },
  HEALTH: { de: 'Gesundheit', en: 'Health' },
  LAW_ORDER: { de: 'Recht und Ordnung', en: 'Law and order' },
};
