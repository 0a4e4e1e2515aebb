// Makes the calls that it is told of, one a line of JSON, and answers each with a line of JSON.
// The only argument is the folder in whose node_modules the SDK is.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const sdk = createRequire(`${process.argv[2]}/`);
const services = { iam: sdk("@aws-sdk/client-iam"), sts: sdk("@aws-sdk/client-sts") };
const clients = { iam: services.iam.IAMClient, sts: services.sts.STSClient };

// Bytes and dates as text, which is what a story compares.
const shown = (value) => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(shown);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shown(member)]));
};

async function call({ endpoint, service, operation, input, credentials }) {
  const client = new clients[service]({ region: "us-east-1", endpoint, credentials, maxAttempts: 1 });
  try {
    const { $metadata, ...output } = await client.send(new services[service][`${operation}Command`](input));
    return { output: shown(output) };
  } catch (error) {
    const status = error.$metadata?.httpStatusCode;
    if (status === undefined) throw error;
    return { error: { status, code: error.Code ?? error.Error?.Code ?? error.name, message: error.message } };
  } finally {
    client.destroy();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await call(JSON.parse(line))));
}
