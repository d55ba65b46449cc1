import type { z } from 'zod';
import type { StageRecord } from '../../record/run-record.ts';
import type { stageSchema } from './stage-schema.ts';

export function toStage(stage: StageRecord): z.input<typeof stageSchema> {
  return {
    ...stage,
    startedAt: stage.startedAt.toISOString(),
    phases: stage.phases.map((phase) => ({
      ...phase,
      startedAt: phase.startedAt?.toISOString() ?? null,
      bytes: phase.bytes ?? null,
    })),
  };
}
