import { newId } from '../../../kernel/ids';
import { installedChannels, RoutingChannel } from '../../../schema/channels';
import { CHANNELS, channelOf, checkInstalled } from '.';
import { ChannelFailure, type Parcel } from './channel';

const parcel: Parcel = {
  deliveryId: newId(),
  applicationId: newId(),
  reference: '2026-K3M7Q-00012',
  address: null,
  authorityName: 'Amt Musterstadt',
  serviceTitle: 'Gewerbeanmeldung',
  submittedAt: new Date('2026-11-23T10:00:00Z'),
};

describe('the contract of a channel', () => {
  test('each name is known to the graph and stands once', () => {
    const names = CHANNELS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(Object.values(RoutingChannel)).toContain(name);
  });

  test.each(CHANNELS.map(channel => [channel.name, channel] as const))(
    '%s resolves when it is delivered, or fails with a detail that names no personal data',
    async (_, channel) => {
      const outcome = await channel.deliver(parcel).then(
        () => null,
        (error: unknown) => error,
      );
      if (outcome === null) return expect(await channel.deliver(parcel)).toBeUndefined(); // repeatable
      expect(outcome).toBeInstanceOf(ChannelFailure);
      expect((outcome as ChannelFailure).detail).toMatch(/\S/);
      expect((outcome as ChannelFailure).detail).not.toContain(parcel.reference);
    },
  );

  test('each installed one is here, or nothing starts', () => {
    expect([...installedChannels()].sort()).toEqual(CHANNELS.map(({ name }) => name).sort());
    expect(checkInstalled).not.toThrow();
    process.env.ROUTING_CHANNELS = 'CASE_CLOUD, MESSAGE_BROKER';
    try {
      expect(checkInstalled).toThrow('MESSAGE_BROKER');
    } finally {
      delete process.env.ROUTING_CHANNELS;
    }
  });

  test('a channel that is not set up is a failure, not a fault', () => {
    expect(() => channelOf(RoutingChannel.MESSAGE_BROKER)).toThrow(ChannelFailure);
  });
});
