import type {
  AlertRecord,
  DeliveryRecord,
  NewDelivery,
  NotificationStore,
} from '../../src/record/notification-store.ts';
import { DrillError } from '../../src/support/errors.ts';
import { compare } from './compare.ts';

/** Alerts and notifications, in memory. */
export function createMemoryNotifications(): NotificationStore & { pruneSent(before: Date): number } {
  const alerts = new Map<string, AlertRecord>();
  /** By id, in order of insertion. */
  const deliveries = new Map<string, DeliveryRecord>();

  /** Stores all of them or, when an id is repeated, none. */
  function enqueue(added: readonly NewDelivery[]): number {
    const keys = new Set(Array.from(deliveries.values(), ({ key }) => key));
    const fresh = structuredClone(added).filter(({ key }) => !keys.has(key) && keys.add(key));
    const repeated = fresh.find(({ id }) => deliveries.has(id));
    if (repeated) throw new DrillError('store-failed', `message ${repeated.id} is already there`);
    for (const delivery of fresh) {
      deliveries.set(delivery.id, {
        ...delivery,
        status: 'pending',
        attempts: 0,
        nextAttemptAt: delivery.createdAt,
        error: undefined,
        endedAt: undefined,
      });
    }
    return fresh.length;
  }

  return {
    async getAlerts() {
      return [...alerts.values()].toSorted((a, b) => compare(a.subject, b.subject));
    },
    async saveAlert(alert, added) {
      if ((alerts.get(alert.subject)?.version ?? 0) !== alert.version) return false;
      enqueue(added);
      alerts.set(alert.subject, structuredClone({ ...alert, version: alert.version + 1 }));
      return true;
    },
    async enqueue(added) {
      return enqueue(added);
    },
    async takeDeliveries(now, leaseUntil, limit) {
      const taken = [...deliveries.values()]
        .filter(({ status, nextAttemptAt }) => status === 'pending' && nextAttemptAt <= now)
        .toSorted((a, b) => compare(a.createdAt, b.createdAt))
        .slice(0, limit)
        .map((delivery) => ({ ...delivery, attempts: delivery.attempts + 1, nextAttemptAt: leaseUntil }));
      for (const delivery of taken) deliveries.set(delivery.id, delivery);
      return taken;
    },
    async endDelivery(id, outcome) {
      const delivery = deliveries.get(id);
      if (!delivery) throw new DrillError('store-failed', `there is no delivery ${id}`);
      if (delivery.status !== 'pending') return;
      if (outcome.kind === 'retry') {
        deliveries.set(id, { ...delivery, error: outcome.error, nextAttemptAt: outcome.nextAttemptAt });
        return;
      }
      const error = outcome.kind === 'sent' ? undefined : outcome.error;
      deliveries.set(id, { ...delivery, status: outcome.kind, error, endedAt: outcome.at });
    },
    async findDeliveries({ status, limit }) {
      return [...deliveries.values()]
        .reverse()
        .toSorted((a, b) => compare(b.createdAt, a.createdAt))
        .filter((delivery) => status === undefined || delivery.status === status)
        .slice(0, limit);
    },
    async countDeliveries(wanted) {
      return [...deliveries.values()].filter(({ status }) => status === wanted).length;
    },
    pruneSent(before) {
      const old = [...deliveries.values()].filter(({ status, createdAt }) => status === 'sent' && createdAt < before);
      for (const { id } of old) deliveries.delete(id);
      return old.length;
    },
  };
}
