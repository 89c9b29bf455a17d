import { Server } from './server'

/** One server for all stories that do not need one of their own; the workers learn of it through the environment. */
export default async function setUp(): Promise<() => Promise<void>> {
  const server = await Server.create()
  const keeper = { name: 'keeper', password: 'keeps-the-whole-site-tidy' }
  try {
    await server.start()
    await server.addUser(keeper.name, keeper.password, true)
  } catch (error) {
    await server.remove()
    throw error
  }
  process.env.E2E_URL = server.url
  process.env.E2E_FOLDER = server.folder
  return () => server.remove()
}
