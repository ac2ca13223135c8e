/** The responsibility finder (Zuständigkeitsfinder): who handles a service at a place on a day, and how that was found. */
import { batch, type Context } from '../../../kernel/context';
import type { Language, Text } from '../../../kernel/language';
import { say } from '../../../kernel/language';
import { type Area, AreaLevel } from '../areas/area.entity';
import { areaByArs } from '../areas/area.loaders';
import { upwards } from '../areas/ars';
import type { Authority } from '../authorities/authority.entity';
import { authorityById, singleContactOf } from '../authorities/authority.loaders';
import { refuse } from '../refusals';
import type { Responsibility, ResponsibilityAnswer, ResponsibilityStep } from './responsibility.entity';
import { type Asked, askedKey, authoritiesBelow, responsibilityAround } from './responsibility.loaders';

const LEVELS: Readonly<Record<AreaLevel, Text>> = {
  STATE: { de: 'Land', en: 'state' },
  REGION: { de: 'Regierungsbezirk', en: 'government region' },
  DISTRICT: { de: 'Kreis oder kreisfreie Stadt', en: 'district or independent city' },
  ASSOCIATION: { de: 'Amt oder Gemeindeverband', en: 'association of municipalities' },
  MUNICIPALITY: { de: 'Gemeinde', en: 'municipality' },
};
const MATCHED: Text = {
  de: 'Für {area} ({level}) ist seit {since} eingetragen: {authority}.',
  en: 'For {area} ({level}), {authority} has been entered since {since}.',
};
const GO_ON: Text = {
  de: 'Für {area} ({level}) ist nichts Eigenes eingetragen, also gilt das Gebiet darüber.',
  en: 'Nothing of its own is entered for {area} ({level}), so the area above it counts.',
};
const NOTHING: Text = {
  de: 'Auch für {area} ({level}) ist nichts eingetragen.',
  en: 'Nothing is entered for {area} ({level}) either.',
};

/** The answer for a place that exists; null for one that does not. Key: askedKey. */
const answerAt = batch<string, ResponsibilityAnswer>(async (keys, ctx) => {
  const answers = await Promise.all(
    keys.map(async key => {
      const [leikaKey, ars, on] = key.split(' ') as [string, string, string];
      return [key, await search(ctx, { leikaKey, ars, on })] as const;
    }),
  );
  return new Map(answers.flatMap(([key, answer]) => (answer ? [[key, answer] as const] : [])));
});

export const findResponsibility = (ctx: Context, asked: Asked): Promise<ResponsibilityAnswer | null> =>
  answerAt(ctx).load(askedKey(asked));

async function search(ctx: Context, asked: Asked): Promise<ResponsibilityAnswer | null> {
  const [around, responsibility] = await Promise.all([
    areaByArs(ctx).loadMany(upwards(asked.ars)),
    responsibilityAround(ctx).load(askedKey(asked)),
  ]);
  const areas = around.filter((area): area is Area => area !== null && !(area instanceof Error));
  if (areas[0]?.ars !== asked.ars) return null;
  if (!responsibility) return nothingFound(ctx, asked, areas);
  const authority = await authorityById(ctx).load(responsibility.authorityId);
  const end = areas.findIndex(area => area.ars === responsibility.ars);
  const steps = areas
    .slice(0, end + 1)
    .map((area, i) => step(area, i === end ? responsibility : null, authority, ctx.language, false));
  return { responsibility, on: asked.on, steps, fallbackAuthority: null, refusal: null };
}

async function nothingFound(ctx: Context, asked: Asked, areas: readonly Area[]): Promise<ResponsibilityAnswer> {
  const runBy = areas.find(area => area.administeredById !== null)?.administeredById;
  const [below, fallbackAuthority] = await Promise.all([
    areas[0]!.level === AreaLevel.MUNICIPALITY ? 0 : authoritiesBelow(ctx).load(askedKey(asked)),
    runBy ? authorityById(ctx).load(runBy) : singleContactOf(ctx).load(asked.ars),
  ]);
  const refusal = refuse((below ?? 0) > 1 ? 'AMBIGUOUS_RESPONSIBILITY' : 'NO_RESPONSIBILITY');
  const steps = areas.map((area, i) => step(area, null, null, ctx.language, i === areas.length - 1));
  return { responsibility: null, on: asked.on, steps, fallbackAuthority, refusal: refusal.in(ctx.language) };
}

function step(
  area: Area,
  found: Responsibility | null,
  authority: Authority | null,
  language: Language,
  isLast: boolean,
): ResponsibilityStep {
  const explanation = say(found ? MATCHED : isLast ? NOTHING : GO_ON, language, {
    area: area.name,
    level: say(LEVELS[area.level], language),
    authority: authority?.name ?? '',
    since: found ? dayIn(language, found.validFrom) : '',
  });
  return { area, matched: found !== null, explanation };
}

/** `2026-12-01` as people write it. */
function dayIn(language: Language, day: string): string {
  return new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(`${day}T00:00:00Z`),
  );
}
