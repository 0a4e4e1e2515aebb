// Says who it is, with credentials from one provider of the AWS SDK for JavaScript and nothing else.
// The arguments are the folder in whose node_modules the SDK is, the provider's name, and what it is told, as JSON.

import { createRequire } from "node:module";

const sdk = createRequire(`${process.argv[2]}/`);
const places = {
  fromContainerMetadata: "@smithy/credential-provider-imds",
  fromHttp: "@aws-sdk/credential-provider-http",
  fromInstanceMetadata: "@smithy/credential-provider-imds",
  fromProcess: "@aws-sdk/credential-provider-process",
  fromTemporaryCredentials: "@aws-sdk/credential-providers",
  fromTokenFile: "@aws-sdk/credential-provider-web-identity",
};

const name = process.argv[3];
const told = JSON.parse(process.argv[4] ?? "{}");
const { STSClient, GetCallerIdentityCommand } = sdk("@aws-sdk/client-sts");
const client = new STSClient({ credentials: sdk(places[name])[name](told), maxAttempts: 1 });
const { Arn } = await client.send(new GetCallerIdentityCommand({}));
console.log(Arn);
client.destroy();
