import type { Page } from '@playwright/test'

/** What becomes of what a page writes into the browser's database. */
export interface Writing {
  /** Whether it fails. */
  fails: boolean
  /** Whether nobody learns yet what becomes of it. */
  waits?: boolean
}

/** Lets a story say what becomes of what the page writes into the browser's database; after a reload all of it arrives again. */
export async function overWriting(page: Page): Promise<(now: Writing) => Promise<void>> {
  await page.addInitScript(() => {
    const commit = IDBTransaction.prototype.commit
    const state = { fails: false, waits: false }
    Object.assign(window, { writing: state })
    IDBTransaction.prototype.commit = function () {
      if (!state.fails) return commit.call(this)
      const store = this.objectStore('heads')
      const spin = (): void => {
        if (state.waits) store.get('nothing').onsuccess = spin
        else this.abort()
      }
      spin()
    }
  })
  return (now) => page.evaluate((now) => void Object.assign((window as unknown as { writing: object }).writing, now), now)
}

/** Keeps the browser from opening databases until what it returns is called. */
export async function holdDatabase(page: Page): Promise<() => Promise<void>> {
  await page.addInitScript(() => {
    const open = IDBFactory.prototype.open
    let held: (() => void)[] | undefined = []
    Object.assign(window, {
      letGo: () => {
        const waiting = held ?? []
        held = undefined
        for (const tell of waiting) tell()
      },
    })
    IDBFactory.prototype.open = function (...names) {
      const request = open.apply(this, names)
      request.addEventListener('success', (happened) => {
        if (!held) return
        happened.stopImmediatePropagation()
        held.push(() => request.onsuccess?.call(request, happened))
      })
      return request
    }
  })
  return () => page.evaluate(() => (window as unknown as { letGo: () => void }).letGo())
}

/** The names of the logs with unsaved work that the browser keeps. */
export const unsavedLogs = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    // Opening a database makes it.
    if (!(await indexedDB.databases()).some(({ name }) => name === 'ocellus-editor')) return []
    const database = await done(indexedDB.open('ocellus-editor'))
    const store = database.transaction('heads').objectStore('heads')
    const [names, heads] = await Promise.all([done(store.getAllKeys()), done(store.getAll())])
    database.close()
    return names.map(String).filter((_, index) => (JSON.parse(heads[index]) as { unsaved: boolean }).unsaved)
  })
