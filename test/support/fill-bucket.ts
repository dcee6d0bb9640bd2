// Puts objects into a bucket of a test's S3, many at a time.

import {
  CreateBucketCommand,
  PutObjectCommand,
  S3Client,
  type BucketLocationConstraint,
} from '@aws-sdk/client-s3';

export type BucketFiller = {
  create(bucket: string, region?: BucketLocationConstraint): Promise<void>;
  /** Keys and what the objects hold. */
  put(bucket: string, objects: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
  end(): void;
};

export function bucketFiller(endpointUrl: string): BucketFiller {
  const client = new S3Client({
    endpoint: endpointUrl,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAFILLER', secretAccessKey: 'filler' },
  });
  return {
    async create(bucket, region) {
      const where =
        region === undefined ? {} : { CreateBucketConfiguration: { LocationConstraint: region } };
      await client.send(new CreateBucketCommand({ Bucket: bucket, ...where }));
    },
    async put(bucket, objects) {
      const entries = Object.entries(objects);
      const putOne = async ([key, body]: (typeof entries)[number]): Promise<unknown> =>
        client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: Buffer.from(body) }));
      for (let start = 0; start < entries.length; start += 40) {
        await Promise.all(entries.slice(start, start + 40).map(putOne));
      }
    },
    end: () => client.destroy(),
  };
}
