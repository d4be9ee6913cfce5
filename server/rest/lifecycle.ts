/** Whether the process still takes work: shared by the server, which stops, and `/readyz`. */
export type Lifecycle = { isDraining(): boolean; drain(): void }

export function openLifecycle(): Lifecycle {
  let draining = false
  return {
    isDraining: () => draining,
    drain: () => {
      draining = true
    },
  }
}
