/** The figures of gate, door and database as families of metrics, read at a scrape only. */
import type { Runtime } from './actions/runtime.ts'
import type { SealerFigures } from './audit/sealer.ts'
import {
  byLabel,
  counter,
  type Family,
  gauge,
  histogram,
  type Labels,
  sampleOf,
} from './rest/exposition.ts'
import type { Gate } from './rest/gate.ts'
import type { Lifecycle } from './rest/lifecycle.ts'
import type { DatabaseFigures } from './store/database-figures.ts'

export function processFamilies(gate: Gate, lifecycle: Lifecycle, build: Labels): Family[] {
  const info = { name: 'build_info', help: 'the version that runs', type: 'gauge' } as const
  return [
    { ...info, samples: [sampleOf(1, build)] },
    gauge('draining', '1 from the moment a stop was asked for', lifecycle.isDraining() ? 1 : 0),
    gauge('gate_in_flight', 'requests at work behind the admission gate', gate.inFlight()),
    gauge('gate_queued', 'requests that wait at the admission gate', gate.queued()),
    gauge('gate_places', 'requests that may be at work at once', gate.places),
  ]
}

export function doorFamilies({ counters, figures }: Runtime['store']['door']): Family[] {
  const { batches, postings, rerun, resent } = counters
  const { waiting, running, sizes, seconds, verdicts } = figures
  return [
    counter('door_batches_total', 'calls of the posting door, resent ones included', batches),
    counter('door_postings_total', 'postings in those calls', postings),
    counter('door_rerun_total', 'batches posted one by one after a constraint or a lock', rerun),
    counter('door_resent_total', 'batches sent again after a lost connection', resent),
    gauge('door_waiting', 'postings that wait for a batch', waiting),
    gauge('door_running', 'batches under way', running),
    histogram('door_batch_postings', 'postings in a batch', sizes),
    histogram('door_batch_seconds', 'time from sending a batch to its verdicts', seconds),
    byLabel(
      'counter',
      'door_verdicts_total',
      'verdicts of the door; stale ones are decided again',
      'verdict',
      verdicts,
    ),
  ]
}

export const sealerFamilies = (figures: SealerFigures): Family[] => [
  gauge('audit_unsealed_events', 'audit events without a seal yet', figures.unsealedEvents),
  gauge(
    'audit_oldest_unsealed_seconds',
    'how long the oldest of them has waited',
    figures.oldestUnsealedSeconds,
  ),
  gauge(
    'audit_chain_broken',
    '1 where the seals in the database are not those of the checkpoints',
    figures.chainBroken,
  ),
]

/** `null` where the database did not answer within the second that a scrape waits for it. */
export function databaseFamilies(found: DatabaseFigures | null): Family[] {
  const up = gauge('database_up', '1 where the database answered', found === null ? 0 : 1)
  if (found === null) return [up]
  return [
    up,
    byLabel(
      'gauge',
      'database_sessions',
      'sessions of the application by state',
      'state',
      Object.entries(found.sessions),
    ),
    gauge(
      'database_oldest_transaction_seconds',
      'how long the oldest transaction has lasted',
      found.oldestTransactionSeconds,
    ),
    counter('database_deadlocks_total', 'deadlocks since the start of counting', found.deadlocks),
    gauge('database_bytes', 'size of the database', found.bytes),
    gauge('archive_age_seconds', 'since WAL was last archived', found.archiveAgeSeconds),
    gauge(
      'archive_behind_files',
      'WAL files since the last archived one; 1 is the one being written',
      found.archiveBehind,
    ),
    counter('archive_failures_total', 'failed tries to archive WAL', found.archiveFailures),
  ]
}
