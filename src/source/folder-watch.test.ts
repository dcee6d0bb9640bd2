import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { scratchFolder } from '../../test/support/scratch-folder.ts';
import { FolderWatch } from './folder-watch.ts';

async function watching(
  folders: Readonly<Record<string, number>>,
  most: number,
): Promise<{ readonly folder: string; readonly watch: FolderWatch }> {
  const folder = await scratchFolder();
  const watch = new FolderWatch(() => {}, most);
  onTestFinished(() => watch.close());
  for (const [name, changedMs] of Object.entries(folders)) {
    await mkdir(join(folder, name));
    watch.add(join(folder, name), changedMs);
  }
  return { folder, watch };
}

describe('watching folders', () => {
  it('tells once which paths changed', async () => {
    const { folder, watch } = await watching({ a: 1, b: 2 }, 2);
    expect(watch.hasChanges).toBe(false);
    await writeFile(join(folder, 'a', 'x'), '');
    await writeFile(join(folder, 'b', 'y'), '');
    await expect.poll(() => watch.hasChanges).toBe(true);
    const paths = new Set<string>();
    await expect
      .poll(() => {
        for (const path of watch.take() ?? []) paths.add(path);
        return paths.size;
      })
      .toBe(2);
    expect([...paths].toSorted()).toEqual([join(folder, 'a', 'x'), join(folder, 'b', 'y')]);
    await expect.poll(() => watch.take()).toEqual([]);
  });

  it('prefers the folders that changed last', async () => {
    const { folder, watch } = await watching({ old: 1, older: 0, new: 3, newer: 4 }, 2);
    for (const name of ['old', 'older', 'new', 'newer']) {
      await writeFile(join(folder, name, 'x'), '');
    }
    const paths = new Set<string>();
    await expect
      .poll(() => {
        for (const path of watch.take() ?? []) paths.add(path);
        return paths.size;
      })
      .toBe(2);
    expect([...paths].toSorted()).toEqual([join(folder, 'new', 'x'), join(folder, 'newer', 'x')]);
  });

  it('is not disturbed by folders that are not there', () => {
    const watch = new FolderWatch(() => {});
    watch.add('/nonexistent/folder', 1);
    expect(watch.take()).toEqual([]);
    watch.close();
  });
});
