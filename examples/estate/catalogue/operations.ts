// Background events of storage, databases, queues, logging, configuration and operations.

import type { Json } from '../record.ts';
import { printedTime, reads, writes, type EventShape, type Scene } from './shape.ts';

/** S3's questions about a bucket all look alike: the bucket, the host, and the question's name. */
function aboutBucket(question: string) {
  return ({ place, one }: Scene): Json => {
    const bucketName = one('buckets');
    return { bucketName, Host: `${bucketName}.s3.${place.region}.amazonaws.com`, [question]: '' };
  };
}

const bucketExtras = {
  additional: ({ random }: Scene) => ({
    SignatureVersion: 'SigV4',
    CipherSuite: 'TLS_AES_128_GCM_SHA256',
    bytesTransferredIn: 0,
    AuthenticationMethod: 'AuthHeader',
    'x-amz-id-2': `${random.base64(74)}==`,
    bytesTransferredOut: random.between(200, 900),
  }),
  resources: ({ place, one }: Scene) => [
    { accountId: place.account.id, type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::${one('buckets')}` },
  ],
} as const;

function dashboard({ place, random }: Scene): string {
  return JSON.stringify({
    widgets: Array.from({ length: random.between(4, 14) }, (_, index) => ({
      type: 'metric',
      x: (index % 3) * 8,
      y: Math.floor(index / 3) * 6,
      width: 8,
      height: 6,
      properties: {
        metrics: [
          ['AWS/ApplicationELB', 'RequestCount', 'LoadBalancer', random.pick(place.loadBalancers)],
        ],
        region: place.region,
        stat: 'Sum',
        period: 60,
        title: `${random.pick(place.services)} requests`,
      },
    })),
  });
}

export const operationsEvents: readonly EventShape[] = [
  reads(
    's3',
    'ListBuckets',
    8,
    ['person', 'pipeline', 'user'],
    () => ({ Host: 's3.amazonaws.com' }),
    { additional: bucketExtras.additional, failure: { share: 0.05, code: 'AccessDenied' } },
  ),
  reads(
    's3',
    'GetBucketAcl',
    14,
    [{ service: 'cloudtrail' }, { service: 'config' }, 'pipeline'],
    aboutBucket('acl'),
    bucketExtras,
  ),
  reads(
    's3',
    'GetBucketLocation',
    8,
    ['person', { service: 'macie' }, 'workload'],
    aboutBucket('location'),
    bucketExtras,
  ),
  reads(
    's3',
    'GetBucketPublicAccessBlock',
    5,
    ['person', { service: 'config' }],
    aboutBucket('publicAccessBlock'),
    bucketExtras,
  ),
  reads(
    's3',
    'GetBucketPolicy',
    4,
    ['pipeline', { service: 'access-analyzer' }],
    aboutBucket('policy'),
    { ...bucketExtras, failure: { share: 0.1, code: 'NoSuchBucketPolicy' } },
  ),
  reads(
    's3',
    'GetBucketEncryption',
    4,
    ['pipeline', { service: 'config' }],
    aboutBucket('encryption'),
    bucketExtras,
  ),
  reads('s3', 'GetBucketTagging', 4, ['pipeline', { service: 'config' }], aboutBucket('tagging'), {
    ...bucketExtras,
    failure: { share: 0.2, code: 'NoSuchTagSet' },
  }),
  reads(
    's3',
    'GetBucketVersioning',
    3,
    ['pipeline', { service: 'config' }],
    aboutBucket('versioning'),
    bucketExtras,
  ),
  reads('s3', 'HeadBucket', 3, ['workload', 'user'], aboutBucket('head'), bucketExtras),
  writes(
    's3',
    'PutBucketPolicy',
    0.5,
    ['pipeline'],
    ({ place, one }) => {
      const bucketName = one('buckets');
      return {
        bucketPolicy: {
          Version: '2012-10-17',
          Statement: [
            {
              Sid: 'TlsOnly',
              Effect: 'Deny',
              Principal: '*',
              Action: 's3:*',
              Resource: [`arn:aws:s3:::${bucketName}`, `arn:aws:s3:::${bucketName}/*`],
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            },
          ],
        },
        bucketName,
        Host: `${bucketName}.s3.${place.region}.amazonaws.com`,
        policy: '',
      };
    },
    () => null,
    bucketExtras,
  ),
  // One bucket of each account has data events switched on for writes.
  writes(
    's3',
    'PutObject',
    12,
    ['workload', { service: 'delivery.logs' }],
    ({ place, random, timeMs }) => {
      const bucketName = place.buckets[0] ?? 'archive';
      return {
        bucketName,
        Host: `${bucketName}.s3.${place.region}.amazonaws.com`,
        key: `exports/${new Date(timeMs).toISOString().slice(0, 13).replace('T', '/')}/${random.uuid()}.parquet`,
        'x-amz-server-side-encryption': 'aws:kms',
      };
    },
    ({ one }) => ({
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': one('kmsKeys'),
    }),
    { additional: bucketExtras.additional, dataEvent: true, throughEndpoint: true },
  ),

  reads(
    'dynamodb',
    'DescribeTable',
    8,
    ['workload', 'pipeline'],
    ({ one }) => ({ tableName: one('tables') }),
    {
      apiVersion: '2012-08-10',
      resources: ({ place, one }) => [
        {
          accountId: place.account.id,
          type: 'AWS::DynamoDB::Table',
          ARN: `arn:aws:dynamodb:${place.region}:${place.account.id}:table/${one('tables')}`,
        },
      ],
    },
  ),
  reads('dynamodb', 'ListTables', 2, ['person'], () => null, { apiVersion: '2012-08-10' }),
  reads(
    'rds',
    'DescribeDBInstances',
    14,
    ['workload', 'person', 'pipeline', { linked: 'AWSServiceRoleForRDS' }],
    ({ one }) => ({ dBInstanceIdentifier: one('databases'), filters: [] }),
  ),
  reads('rds', 'DescribeDBClusters', 8, ['workload', 'person', 'pipeline'], ({ one }) => ({
    dBClusterIdentifier: one('databases'),
    includeShared: false,
  })),
  reads('rds', 'ListTagsForResource', 6, ['pipeline', { service: 'config' }], ({ place, one }) => ({
    resourceName: `arn:aws:rds:${place.region}:${place.account.id}:db:${one('databases')}`,
  })),
  reads('rds', 'DescribeDBLogFiles', 3, ['workload'], ({ one }) => ({
    dBInstanceIdentifier: one('databases'),
  })),
  writes(
    'rds',
    'CreateDBSnapshot',
    0.6,
    [{ service: 'backup' }, 'person'],
    ({ random, one }) => ({
      dBInstanceIdentifier: one('databases'),
      dBSnapshotIdentifier: `manual-${random.hex(8)}`,
      tags: [{ key: 'owner', value: 'data' }],
    }),
    ({ place, random, timeMs, one }) => ({
      dBSnapshotIdentifier: `manual-${random.hex(8)}`,
      dBInstanceIdentifier: one('databases'),
      engine: 'postgres',
      allocatedStorage: 200,
      status: 'creating',
      port: 5432,
      availabilityZone: `${place.region}b`,
      vpcId: place.vpcId,
      instanceCreateTime: printedTime(timeMs - 8_000_000_000),
      masterUsername: 'HIDDEN_DUE_TO_SECURITY_REASONS',
      engineVersion: '17.6',
      snapshotType: 'manual',
      storageType: 'gp3',
      encrypted: true,
      kmsKeyId: one('kmsKeys'),
      dBSnapshotArn: `arn:aws:rds:${place.region}:${place.account.id}:snapshot:manual-${random.hex(8)}`,
    }),
  ),

  writes(
    'logs',
    'CreateLogStream',
    32,
    ['workload', { service: 'lambda' }],
    ({ random, one, timeMs }) => ({
      logGroupName: one('logGroups'),
      logStreamName: `${new Date(timeMs).toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${random.hex(32)}`,
    }),
    () => null,
    { apiVersion: '20140328', failure: { share: 0.04, code: 'ResourceAlreadyExistsException' } },
  ),
  reads(
    'logs',
    'DescribeLogGroups',
    6,
    ['pipeline', 'person'],
    ({ one }) => ({ logGroupNamePrefix: one('logGroups'), limit: 50 }),
    { apiVersion: '20140328' },
  ),
  reads(
    'logs',
    'DescribeLogStreams',
    4,
    ['person', 'workload'],
    ({ one }) => ({ logGroupName: one('logGroups'), orderBy: 'LastEventTime', descending: true }),
    { apiVersion: '20140328' },
  ),
  reads(
    'logs',
    'FilterLogEvents',
    3,
    ['person', 'workload'],
    ({ random, timeMs, one }) => ({
      logGroupName: one('logGroups'),
      startTime: timeMs - 900_000,
      endTime: timeMs,
      filterPattern: random.pick(['ERROR', '"timed out"', '{ $.status = 500 }']),
    }),
    { apiVersion: '20140328' },
  ),
  reads(
    'logs',
    'StartQuery',
    1.2,
    ['person'],
    ({ timeMs, one }) => ({
      logGroupNames: [one('logGroups')],
      startTime: Math.floor(timeMs / 1000) - 3600,
      endTime: Math.floor(timeMs / 1000),
      queryString:
        'fields @timestamp, @message\n| filter @message like /(?i)exception/\n| stats count(*) by bin(5m)\n| sort @timestamp desc\n| limit 200',
    }),
    { apiVersion: '20140328' },
  ),
  reads('logs', 'GetQueryResults', 2, ['person'], ({ random }) => ({ queryId: random.uuid() }), {
    apiVersion: '20140328',
  }),

  reads(
    'monitoring',
    'DescribeAlarms',
    9,
    ['person', 'workload', { linked: 'AWSServiceRoleForAutoScaling' }],
    ({ one }) => ({ alarmNames: [`${one('services')}-5xx`], maxRecords: 100 }),
  ),
  reads('monitoring', 'ListMetrics', 2, ['person'], ({ random }) => ({
    namespace: random.pick(['AWS/EC2', 'AWS/RDS', 'AWS/ApplicationELB']),
  })),
  writes(
    'monitoring',
    'PutMetricAlarm',
    1.6,
    ['pipeline', { linked: 'AWSServiceRoleForApplicationAutoScaling' }],
    ({ random, one }) => ({
      alarmName: `TargetTracking-service/main/${one('services')}-AlarmHigh-${random.uuid()}`,
      alarmDescription: 'Scales the service out when its average CPU is high.',
      metricName: 'CPUUtilization',
      namespace: 'AWS/ECS',
      statistic: 'Average',
      dimensions: [
        { name: 'ClusterName', value: 'main' },
        { name: 'ServiceName', value: one('services') },
      ],
      period: 60,
      evaluationPeriods: 3,
      threshold: 60,
      comparisonOperator: 'GreaterThanThreshold',
      alarmActions: [one('topics')],
    }),
  ),
  writes(
    'monitoring',
    'PutDashboard',
    0.5,
    ['pipeline', 'person'],
    (scene) => ({ dashboardName: scene.one('services'), dashboardBody: dashboard(scene) }),
    () => ({ dashboardValidationMessages: [] }),
  ),

  writes('ssm', 'UpdateInstanceInformation', 40, ['agent'], ({ place, random, one }) => ({
    instanceId: one('instances'),
    agentVersion: '3.3.3270.0',
    agentStatus: 'Active',
    platformType: 'Linux',
    platformName: 'Amazon Linux',
    platformVersion: '2023',
    iPAddress: `10.20.${random.below(64)}.${random.between(4, 250)}`,
    computerName: `ip-10-20-${random.below(64)}-${random.between(4, 250)}.ec2.internal`,
    agentName: 'amazon-ssm-agent',
    availabilityZone: `${place.region}${random.pick(['a', 'b', 'c'])}`,
    sSMConnectionChannel: 'ssmmessages',
  })),
  reads(
    'ssm',
    'GetParameter',
    19,
    ['workload', 'pipeline'],
    ({ one }) => ({ name: one('parameters'), withDecryption: true }),
    {
      resources: ({ place, one }) => [
        {
          accountId: place.account.id,
          ARN: `arn:aws:ssm:${place.region}:${place.account.id}:parameter${one('parameters')}`,
        },
      ],
      failure: { share: 0.02, code: 'ParameterNotFound' },
    },
  ),
  reads('ssm', 'GetParameters', 8, ['workload'], ({ one }) => ({
    names: [one('parameters'), one('parameters')],
    withDecryption: true,
  })),
  reads('ssm', 'GetParametersByPath', 6, ['workload'], ({ one }) => ({
    path: `/${one('services')}/`,
    recursive: true,
    withDecryption: true,
    maxResults: 10,
  })),
  reads('ssm', 'DescribeInstanceInformation', 4, ['person', 'workload'], () => ({
    maxResults: 50,
  })),
  reads('ssm', 'ListInstanceAssociations', 5, ['agent'], ({ one }) => ({
    instanceId: one('instances'),
    maxResults: 20,
  })),
  writes('ssm', 'PutInventory', 3, ['agent'], ({ random, one }) => ({
    instanceId: one('instances'),
    items: ['AWS:Application', 'AWS:Network', 'AWS:InstanceInformation'].map((typeName) => ({
      typeName,
      schemaVersion: '1.1',
      captureTime: '2026-11-02T00:00:00Z',
      contentHash: `${random.base64(22)}==`,
    })),
  })),
  writes(
    'ssm',
    'SendCommand',
    0.8,
    ['person', { service: 'events' }],
    ({ one }) => ({
      documentName: 'AWS-RunPatchBaseline',
      instanceIds: [one('instances'), one('instances')],
      parameters: 'HIDDEN_DUE_TO_SECURITY_REASONS',
      timeoutSeconds: 600,
    }),
    ({ random, timeMs }) => ({
      command: {
        commandId: random.uuid(),
        documentName: 'AWS-RunPatchBaseline',
        status: 'Pending',
        requestedDateTime: printedTime(timeMs),
        expiresAfter: printedTime(timeMs + 7_200_000),
        targetCount: 2,
        completedCount: 0,
        errorCount: 0,
        deliveryTimedOutCount: 0,
      },
    }),
  ),
  writes(
    'ssm',
    'StartSession',
    0.6,
    ['person'],
    ({ one }) => ({ target: one('instances') }),
    ({ place, random }) => {
      const sessionId = `${random.pick(['ada.novak', 'tomas.reyes'])}-${random.hex(17)}`;
      return {
        sessionId,
        tokenValue: 'Value hidden due to security reasons.',
        streamUrl: `wss://ssmmessages.${place.region}.amazonaws.com/v1/data-channel/${sessionId}?role=publish_subscribe`,
      };
    },
  ),

  writes(
    'config',
    'PutEvaluations',
    6,
    ['workload', { linked: 'AWSServiceRoleForConfig' }],
    ({ place, random, timeMs }) => ({
      evaluations: Array.from({ length: random.between(1, 4) }, () => ({
        complianceResourceType: 'AWS::EC2::SecurityGroup',
        complianceResourceId: random.pick(place.groups).id,
        complianceType: random.pick(['COMPLIANT', 'COMPLIANT', 'NON_COMPLIANT']),
        orderingTimestamp: printedTime(timeMs),
      })),
      resultToken: random.base64(160),
      testMode: false,
    }),
    () => ({ failedEvaluations: [] }),
  ),
  reads('config', 'DescribeConfigurationRecorders', 2, [{ service: 'securityhub' }, 'person']),
  reads('config', 'SelectResourceConfig', 1, ['person'], () => ({
    expression: "SELECT resourceId, accountId WHERE resourceType = 'AWS::EC2::SecurityGroup'",
    limit: 100,
  })),
  reads('cloudtrail', 'LookupEvents', 2, ['person'], ({ random, timeMs }) => ({
    startTime: printedTime(timeMs - 86_400_000),
    endTime: printedTime(timeMs),
    lookupAttributes: [
      {
        attributeKey: 'EventName',
        attributeValue: random.pick([
          'AuthorizeSecurityGroupIngress',
          'ConsoleLogin',
          'RunInstances',
        ]),
      },
    ],
    maxResults: 50,
  })),
  reads(
    'cloudtrail',
    'DescribeTrails',
    4,
    [{ service: 'config' }, { service: 'securityhub' }, 'person'],
    () => ({ trailNameList: [], includeShadowTrails: true }),
  ),
  reads(
    'cloudtrail',
    'GetTrailStatus',
    3,
    [{ service: 'config' }, { service: 'securityhub' }],
    ({ place }) => ({
      name: `arn:aws:cloudtrail:${place.region}:${place.account.id}:trail/organization`,
    }),
  ),
  reads(
    'cloudtrail',
    'GetEventSelectors',
    2,
    [{ service: 'securityhub' }, 'pipeline'],
    ({ place }) => ({
      trailName: `arn:aws:cloudtrail:${place.region}:${place.account.id}:trail/organization`,
    }),
  ),
  reads('cloudformation', 'DescribeStacks', 6, ['pipeline', 'person'], ({ one }) => ({
    stackName: one('stacks'),
  })),
  reads('cloudformation', 'DescribeStackEvents', 3, ['pipeline', 'person'], ({ one }) => ({
    stackName: one('stacks'),
  })),
  writes('cloudformation', 'ExecuteChangeSet', 0.5, ['pipeline'], ({ random, one }) => ({
    stackName: one('stacks'),
    changeSetName: `deploy-${random.hex(8)}`,
  })),
  reads(
    'sqs',
    'GetQueueAttributes',
    6,
    ['workload', 'pipeline'],
    ({ place, one }) => ({
      queueUrl: `https://sqs.${place.region}.amazonaws.com/${place.account.id}/${one('queues')}`,
      attributeNames: ['All'],
    }),
    {
      resources: ({ place, one }) => [
        {
          accountId: place.account.id,
          type: 'AWS::SQS::Queue',
          ARN: `arn:aws:sqs:${place.region}:${place.account.id}:${one('queues')}`,
        },
      ],
    },
  ),
  reads('sns', 'GetTopicAttributes', 3, ['pipeline'], ({ one }) => ({ topicArn: one('topics') })),
  reads(
    'route53',
    'ListResourceRecordSets',
    2.5,
    ['pipeline', 'person'],
    ({ random }) => ({ hostedZoneId: `Z0${random.base32(12)}EXAMPLE` }),
    { apiVersion: '2013-04-01', global: true },
  ),
  writes(
    'route53',
    'ChangeResourceRecordSets',
    0.8,
    ['pipeline', 'workload'],
    ({ place, random, one }) => ({
      hostedZoneId: `Z0${random.base32(12)}EXAMPLE`,
      changeBatch: {
        comment: 'deploy',
        changes: [
          {
            action: 'UPSERT',
            resourceRecordSet: {
              name: `${one('services')}.harborpine.example`,
              type: 'CNAME',
              tTL: 60,
              resourceRecords: [
                { value: `${one('services')}-${random.hex(8)}.${place.region}.elb.amazonaws.com` },
              ],
            },
          },
        ],
      },
    }),
    ({ random, timeMs }) => ({
      changeInfo: {
        id: `/change/C0${random.base32(12)}`,
        status: 'PENDING',
        submittedAt: printedTime(timeMs),
      },
    }),
    { apiVersion: '2013-04-01', global: true },
  ),
  reads('acm', 'DescribeCertificate', 2, ['pipeline'], ({ place, random }) => ({
    certificateArn: `arn:aws:acm:${place.region}:${place.account.id}:certificate/${random.uuid()}`,
  })),
  reads('guardduty', 'ListDetectors', 1.5, [{ service: 'securityhub' }, 'person']),
  writes(
    'securityhub',
    'BatchImportFindings',
    3,
    [{ service: 'guardduty' }, { service: 'inspector2' }],
    ({ place, random }) => ({
      findings: [
        {
          schemaVersion: '2018-10-08',
          id: `arn:aws:inspector2:${place.region}:${place.account.id}:finding/${random.hex(32)}`,
          productArn: `arn:aws:securityhub:${place.region}::product/aws/inspector`,
          types: ['Software and Configuration Checks/Vulnerabilities/CVE'],
          severity: { label: random.pick(['LOW', 'MEDIUM', 'HIGH']) },
        },
      ],
    }),
    () => ({ failedCount: 0, successCount: 1, failedFindings: [] }),
  ),
  reads('health', 'DescribeEventAggregates', 4, ['person'], ({ timeMs }) => ({
    filter: {
      startTimes: [{ from: printedTime(timeMs - 604_800_000) }],
      eventStatusCodes: ['open', 'upcoming'],
    },
    aggregateField: 'eventTypeCategory',
  })),
  reads('tagging', 'GetResources', 4, ['workload', 'person'], ({ one }) => ({
    resourcesPerPage: 100,
    tagFilters: [{ key: 'Service', values: [one('services')] }],
    resourceTypeFilters: ['ec2:instance', 'rds:db'],
  })),
  reads(
    'ce',
    'GetCostAndUsage',
    1,
    ['person', 'federated'],
    () => ({
      timePeriod: { start: '2026-10-01', end: '2026-11-01' },
      granularity: 'DAILY',
      metrics: ['UnblendedCost'],
      groupBy: [{ type: 'DIMENSION', key: 'SERVICE' }],
    }),
    { global: true },
  ),
  reads('glue', 'GetTable', 6, ['workload', 'federated'], ({ one }) => ({
    databaseName: 'analytics',
    name: one('tables').replaceAll('-', '_'),
  })),
  reads('glue', 'GetPartitions', 3, ['workload'], ({ one }) => ({
    databaseName: 'analytics',
    tableName: one('tables').replaceAll('-', '_'),
    expression: "year='2026' AND month='11'",
    maxResults: 1000,
  })),
  writes(
    'athena',
    'StartQueryExecution',
    2,
    ['workload', 'person', 'federated'],
    ({ random, one }) => ({
      queryString: `SELECT order_id, sum(amount) AS total\nFROM "analytics"."${one('tables').replaceAll('-', '_')}"\nWHERE day = '2026-11-${random.between(10, 28)}' AND region IN ('eu', 'us')\nGROUP BY order_id\nHAVING sum(amount) > ${random.between(10, 900)}\nORDER BY total DESC\nLIMIT 500`,
      clientRequestToken: random.uuid(),
      workGroup: 'primary',
      resultConfiguration: { outputLocation: `s3://${one('buckets')}/athena/` },
    }),
    ({ random }) => ({ queryExecutionId: random.uuid() }),
  ),
  reads('athena', 'GetQueryExecution', 4, ['workload', 'person', 'federated'], ({ random }) => ({
    queryExecutionId: random.uuid(),
  })),
  reads('events', 'ListRules', 2, ['person', 'pipeline'], () => ({ eventBusName: 'default' })),
  writes(
    'backup',
    'StartBackupJob',
    0.6,
    [{ linked: 'AWSServiceRoleForBackup' }],
    ({ place, one }) => ({
      backupVaultName: 'nightly',
      resourceArn: `arn:aws:ec2:${place.region}:${place.account.id}:volume/${one('volumes')}`,
      iamRoleArn: `arn:aws:iam::${place.account.id}:role/service-role/AWSBackupDefaultServiceRole`,
    }),
    ({ random }) => ({ backupJobId: random.uuid() }),
  ),
];
