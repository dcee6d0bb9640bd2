// Background events of EC2, containers, functions, load balancers and scaling.

import type { Json } from '../record.ts';
import {
  filters,
  items,
  printedTime,
  reads,
  succeeded,
  writes,
  type EventShape,
  type Scene,
} from './shape.ts';

/** A few ids, seldom none: most calls name what they ask for. */
function some({ random }: Scene, ids: readonly string[], most: number): string[] {
  return Array.from({ length: random.below(most + 1) }, () => random.pick(ids));
}

function oneInstance({ one }: Scene): Json {
  return items('instanceId', [one('instances')]);
}

/** The answer to `RunInstances`: among the longest records there are. */
function startedInstances(scene: Scene): Json {
  const { place, random, requestId, timeMs } = scene;
  return {
    requestId,
    reservationId: `r-0${random.hex(16)}`,
    ownerId: place.account.id,
    groupSet: {},
    instancesSet: {
      items: Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, (_, index) => {
        const address = `10.20.${random.below(64)}.${random.between(4, 250)}`;
        const group = random.pick(place.groups);
        return {
          instanceId: `i-0${random.hex(16)}`,
          imageId: random.pick(place.images),
          currentInstanceBootMode: 'uefi',
          instanceState: { code: 0, name: 'pending' },
          privateDnsName: `ip-${address.replaceAll('.', '-')}.ec2.internal`,
          amiLaunchIndex: index,
          productCodes: {},
          instanceType: random.pick(['t3.medium', 'm7g.large', 'c7g.xlarge', 'r7i.2xlarge']),
          launchTime: timeMs,
          placement: {
            availabilityZone: `${place.region}${random.pick(['a', 'b', 'c'])}`,
            tenancy: 'default',
          },
          monitoring: { state: 'pending' },
          subnetId: random.pick(place.subnets),
          vpcId: place.vpcId,
          privateIpAddress: address,
          stateReason: { code: 'pending', message: 'pending' },
          architecture: 'arm64',
          rootDeviceType: 'ebs',
          rootDeviceName: '/dev/xvda',
          blockDeviceMapping: {},
          virtualizationType: 'hvm',
          hypervisor: 'xen',
          tagSet: {
            items: [
              { key: 'Name', value: random.pick(place.services) },
              { key: 'aws:autoscaling:groupName', value: random.pick(place.autoScalingGroups) },
            ],
          },
          groupSet: { items: [{ groupId: group.id, groupName: group.name }] },
          sourceDestCheck: true,
          networkInterfaceSet: {
            items: [
              {
                networkInterfaceId: `eni-0${random.hex(16)}`,
                subnetId: random.pick(place.subnets),
                vpcId: place.vpcId,
                ownerId: place.account.id,
                status: 'in-use',
                macAddress: `0a:${random.hex(2)}:${random.hex(2)}:${random.hex(2)}:${random.hex(2)}:${random.hex(2)}`,
                privateIpAddress: address,
                sourceDestCheck: true,
                interfaceType: 'interface',
                groupSet: { items: [{ groupId: group.id, groupName: group.name }] },
                attachment: {
                  attachmentId: `eni-attach-0${random.hex(16)}`,
                  deviceIndex: 0,
                  networkCardIndex: 0,
                  status: 'attaching',
                  attachTime: timeMs,
                  deleteOnTermination: true,
                },
              },
            ],
          },
          ebsOptimized: true,
          enaSupport: true,
          cpuOptions: { coreCount: 2, threadsPerCore: 1 },
          capacityReservationSpecification: { capacityReservationPreference: 'open' },
          enclaveOptions: { enabled: false },
          metadataOptions: {
            state: 'pending',
            httpTokens: 'required',
            httpPutResponseHopLimit: 2,
            httpEndpoint: 'enabled',
            httpProtocolIpv4: 'enabled',
            httpProtocolIpv6: 'disabled',
            instanceMetadataTags: 'disabled',
          },
          maintenanceOptions: { autoRecovery: 'default' },
          privateDnsNameOptions: {
            hostnameType: 'ip-name',
            enableResourceNameDnsARecord: false,
            enableResourceNameDnsAAAARecord: false,
          },
        };
      }),
    },
    requesterId: random.pick(['AIDAEXAMPLEAUTOSCALE', 'AIDAEXAMPLEEC2FLEET0']),
  };
}

const task = ({ place, random, one }: Scene) =>
  `arn:aws:ecs:${place.region}:${place.account.id}:task/${one('clusters')}/${random.hex(32)}`;
const cluster = ({ place, one }: Scene) =>
  `arn:aws:ecs:${place.region}:${place.account.id}:cluster/${one('clusters')}`;

function taskDefinition({ place, random }: Scene): Json {
  const { account, region } = place;
  const name = random.pick(place.services);
  return {
    family: name,
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '512',
    memory: '1024',
    executionRoleArn: `arn:aws:iam::${account.id}:role/ecs-task-execution`,
    containerDefinitions: Array.from({ length: random.between(1, 3) }, (_, index) => ({
      name: index === 0 ? name : random.pick(['log-router', 'proxy', 'metrics']),
      image: `${account.id}.dkr.ecr.${region}.amazonaws.com/${random.pick(place.repositories)}:${random.hex(12)}`,
      essential: index === 0,
      portMappings: [{ containerPort: 8080, protocol: 'tcp' }],
      environment: [
        { name: 'LOG_LEVEL', value: 'info' },
        { name: 'TABLE', value: random.pick(place.tables) },
        { name: 'QUEUE', value: random.pick(place.queues) },
      ],
      secrets: [{ name: 'DATABASE_URL', valueFrom: random.pick(place.secrets) }],
      logConfiguration: {
        logDriver: 'awslogs',
        options: {
          'awslogs-group': random.pick(place.logGroups),
          'awslogs-region': region,
          'awslogs-stream-prefix': name,
        },
      },
    })),
  };
}

export const computeEvents: readonly EventShape[] = [
  reads(
    'ec2',
    'DescribeInstances',
    46,
    ['workload', 'person', 'pipeline', { linked: 'AWSServiceRoleForAutoScaling' }],
    (scene) => ({
      instancesSet: items('instanceId', some(scene, scene.place.instances, 4)),
      filterSet: scene.random.chance(0.5)
        ? filters(['instance-state-name', 'running'], ['tag:Service', scene.one('services')])
        : {},
    }),
    { failure: { share: 0.02, code: 'Client.UnauthorizedOperation' } },
  ),
  reads(
    'ec2',
    'DescribeSecurityGroups',
    19,
    ['person', 'pipeline', 'workload', { service: 'config' }],
    (scene) => ({
      securityGroupSet: {},
      securityGroupIdSet: items(
        'groupId',
        some(
          scene,
          scene.place.groups.map((group) => group.id),
          3,
        ),
      ),
      filterSet: scene.random.chance(0.4) ? filters(['vpc-id', scene.place.vpcId]) : {},
    }),
  ),
  reads('ec2', 'DescribeSecurityGroupRules', 3, ['person', 'pipeline'], ({ place, random }) => ({
    DescribeSecurityGroupRulesRequest: {
      MaxResults: 1000,
      Filter: {
        Name: 'group-id',
        tag: 1,
        Value: { tag: 1, content: random.pick(place.groups).id },
      },
    },
  })),
  reads(
    'ec2',
    'DescribeNetworkInterfaces',
    22,
    ['workload', 'person', { linked: 'AWSServiceRoleForElasticLoadBalancing' }],
    (scene) => ({
      networkInterfaceIdSet: items('networkInterfaceId', some(scene, scene.place.interfaces, 2)),
      filterSet: scene.random.chance(0.6)
        ? filters(['group-id', scene.random.pick(scene.place.groups).id])
        : {},
    }),
  ),
  reads('ec2', 'DescribeVolumes', 13, ['workload', 'person', { service: 'backup' }], (scene) => ({
    volumeSet: items('volumeId', some(scene, scene.place.volumes, 3)),
    filterSet: {},
  })),
  reads(
    'ec2',
    'DescribeInstanceStatus',
    12,
    ['person', 'workload', { linked: 'AWSServiceRoleForAutoScaling' }],
    (scene) => ({ instancesSet: oneInstance(scene), filterSet: {}, includeAllInstances: true }),
  ),
  reads('ec2', 'DescribeTags', 11, ['agent', 'person'], ({ one }) => ({
    filterSet: filters(['resource-id', one('instances')]),
  })),
  reads('ec2', 'DescribeSubnets', 10, ['pipeline', 'person', 'workload'], (scene) => ({
    subnetSet: items('subnetId', some(scene, scene.place.subnets, 3)),
    filterSet: filters(['vpc-id', scene.place.vpcId]),
  })),
  reads('ec2', 'DescribeVpcs', 9, ['pipeline', 'person'], ({ place }) => ({
    vpcSet: items('vpcId', [place.vpcId]),
    filterSet: {},
  })),
  reads('ec2', 'DescribeVpcAttribute', 5, ['pipeline'], ({ place }) => ({ vpcId: place.vpcId })),
  reads('ec2', 'DescribeRouteTables', 6, ['pipeline', 'person'], ({ place }) => ({
    routeTableIdSet: {},
    filterSet: filters(['vpc-id', place.vpcId], ['association.main', 'true']),
  })),
  reads('ec2', 'DescribeImages', 6, ['pipeline', 'person'], ({ one }) => ({
    executableBySet: {},
    imagesSet: items('imageId', [one('images')]),
    ownersSet: {},
    filterSet: {},
  })),
  reads('ec2', 'DescribeSnapshots', 6, [{ service: 'backup' }, 'person'], (scene) => ({
    snapshotSet: items('snapshotId', some(scene, scene.place.snapshots, 4)),
    ownersSet: items('owner', ['self']),
    sharedUsersSet: {},
    filterSet: {},
  })),
  reads('ec2', 'DescribeAvailabilityZones', 5, ['pipeline', 'workload'], () => ({
    availabilityZoneSet: {},
    availabilityZoneIdSet: {},
  })),
  reads('ec2', 'DescribeRegions', 5, ['person', 'workload', { service: 'config' }], () => ({
    regionSet: {},
  })),
  reads('ec2', 'DescribeAddresses', 4, ['person', 'pipeline'], () => ({
    publicIpsSet: {},
    filterSet: {},
    allocationIdsSet: {},
  })),
  reads('ec2', 'DescribeManagedPrefixLists', 1.5, ['pipeline', 'person'], () => ({
    DescribeManagedPrefixListsRequest: { MaxResults: 100 },
  })),
  reads('ec2', 'DescribeVpcEndpoints', 2, ['pipeline'], ({ place }) => ({
    DescribeVpcEndpointsRequest: { VpcEndpointId: { tag: 1, content: place.vpcEndpoint } },
  })),
  reads('ec2', 'DescribeInstanceAttribute', 2, ['pipeline', 'person'], ({ one }) => ({
    instanceId: one('instances'),
    attribute: 'instanceInitiatedShutdownBehavior',
  })),
  reads(
    'ec2',
    'DescribeLaunchTemplateVersions',
    3,
    ['pipeline', { linked: 'AWSServiceRoleForAutoScaling' }],
    ({ one }) => ({
      DescribeLaunchTemplateVersionsRequest: {
        LaunchTemplateId: one('launchTemplates'),
        LaunchTemplateVersion: { tag: 1, content: '$Latest' },
      },
    }),
  ),
  writes(
    'ec2',
    'RunInstances',
    3.6,
    [{ linked: 'AWSServiceRoleForAutoScaling' }, 'pipeline', 'person'],
    (scene) => ({
      instancesSet: { items: [{ imageId: scene.one('images'), minCount: 1, maxCount: 1 }] },
      instanceType: 'm7g.large',
      blockDeviceMapping: {},
      monitoring: { enabled: true },
      disableApiTermination: false,
      disableApiStop: false,
      clientToken: `fleet-${scene.random.uuid()}`,
      launchTemplate: {
        launchTemplateId: scene.one('launchTemplates'),
        version: String(scene.random.between(1, 40)),
      },
      tagSpecificationSet: {
        items: [
          { resourceType: 'instance', tags: [{ key: 'Name', value: scene.one('services') }] },
        ],
      },
    }),
    startedInstances,
    { failure: { share: 0.06, code: 'Client.UnauthorizedOperation' } },
  ),
  writes(
    'ec2',
    'TerminateInstances',
    3,
    [{ linked: 'AWSServiceRoleForAutoScaling' }, 'person'],
    (scene) => ({ instancesSet: oneInstance(scene) }),
    ({ requestId, one }) => ({
      requestId,
      instancesSet: {
        items: [
          {
            instanceId: one('instances'),
            currentState: { code: 32, name: 'shutting-down' },
            previousState: { code: 16, name: 'running' },
          },
        ],
      },
    }),
  ),
  writes(
    'ec2',
    'StopInstances',
    1,
    ['person', { service: 'scheduler' }],
    (scene) => ({ instancesSet: oneInstance(scene), force: false }),
    ({ requestId, one }) => ({
      requestId,
      instancesSet: {
        items: [
          {
            instanceId: one('instances'),
            currentState: { code: 64, name: 'stopping' },
            previousState: { code: 16, name: 'running' },
          },
        ],
      },
    }),
  ),
  writes(
    'ec2',
    'CreateTags',
    6,
    ['pipeline', 'workload', { linked: 'AWSServiceRoleForAutoScaling' }],
    ({ random, one }) => ({
      resourcesSet: { items: [{ resourceId: one('instances') }] },
      tagSet: {
        items: [
          { key: 'Service', value: one('services') },
          { key: 'cost-center', value: String(random.between(100, 140)) },
        ],
      },
    }),
    succeeded,
  ),
  writes(
    'ec2',
    'CreateSnapshot',
    3,
    [{ service: 'backup' }, 'user'],
    ({ one }) => ({
      volumeId: one('volumes'),
      description: 'nightly',
      tagSpecificationSet: {
        items: [{ resourceType: 'snapshot', tags: [{ key: 'retain-days', value: '14' }] }],
      },
    }),
    ({ place, random, timeMs, requestId, one }) => ({
      requestId,
      snapshotId: `snap-0${random.hex(16)}`,
      volumeId: one('volumes'),
      status: 'pending',
      startTime: timeMs,
      progress: '',
      ownerId: place.account.id,
      volumeSize: random.pick(['20', '100', '500']),
      description: 'nightly',
      encrypted: true,
    }),
  ),
  writes(
    'ec2',
    'DeleteSnapshot',
    2,
    [{ service: 'backup' }, 'user'],
    ({ one }) => ({ snapshotId: one('snapshots'), force: false }),
    succeeded,
  ),
  writes(
    'ec2',
    'CreateNetworkInterface',
    5,
    [{ linked: 'AWSServiceRoleForECS' }, { service: 'lambda' }],
    ({ place, random, one }) => ({
      subnetId: one('subnets'),
      description: `arn:aws:ecs:${place.region}:${place.account.id}:attachment/${random.uuid()}`,
      groupSet: { items: [{ groupId: random.pick(place.groups).id }] },
      privateIpAddressesSet: {},
      ipv6AddressCount: 0,
      clientToken: random.uuid(),
    }),
    ({ place, random, requestId, one }) => {
      const group = random.pick(place.groups);
      return {
        requestId,
        networkInterface: {
          networkInterfaceId: `eni-0${random.hex(16)}`,
          subnetId: one('subnets'),
          vpcId: place.vpcId,
          availabilityZone: `${place.region}a`,
          ownerId: place.account.id,
          requesterManaged: true,
          status: 'pending',
          macAddress: `0e:${random.hex(2)}:${random.hex(2)}:${random.hex(2)}:${random.hex(2)}:${random.hex(2)}`,
          privateIpAddress: `10.20.${random.below(64)}.${random.between(4, 250)}`,
          sourceDestCheck: true,
          interfaceType: 'interface',
          groupSet: { items: [{ groupId: group.id, groupName: group.name }] },
          tagSet: {},
        },
      };
    },
  ),
  writes(
    'ec2',
    'DeleteNetworkInterface',
    4,
    [{ linked: 'AWSServiceRoleForECS' }, { service: 'lambda' }],
    ({ one }) => ({ networkInterfaceId: one('interfaces') }),
    succeeded,
  ),
  writes(
    'ec2',
    'AttachVolume',
    1,
    ['workload'],
    ({ one }) => ({
      volumeId: one('volumes'),
      instanceId: one('instances'),
      device: '/dev/sdf',
      deleteOnTermination: false,
    }),
    ({ timeMs, requestId, one }) => ({
      requestId,
      volumeId: one('volumes'),
      instanceId: one('instances'),
      device: '/dev/sdf',
      status: 'attaching',
      attachTime: timeMs,
      deleteOnTermination: false,
    }),
  ),
  writes(
    'ec2',
    'CreateLaunchTemplateVersion',
    0.6,
    ['pipeline'],
    ({ place, random, one }) => ({
      CreateLaunchTemplateVersionRequest: {
        LaunchTemplateId: one('launchTemplates'),
        LaunchTemplateData: {
          ImageId: one('images'),
          InstanceType: 'm7g.large',
          SecurityGroupId: { tag: 1, content: random.pick(place.groups).id },
          UserData: '<sensitiveDataRemoved>',
        },
      },
    }),
    ({ random, requestId, timeMs }) => ({
      CreateLaunchTemplateVersionResponse: {
        requestId,
        xmlns: 'http://ec2.amazonaws.com/doc/2016-11-15/',
        launchTemplateVersion: {
          versionNumber: random.between(2, 90),
          createTime: new Date(timeMs).toISOString(),
        },
      },
    }),
  ),

  reads(
    'autoscaling',
    'DescribeAutoScalingGroups',
    10,
    ['workload', 'person', 'pipeline'],
    ({ one }) => ({ autoScalingGroupNames: [one('autoScalingGroups')] }),
  ),
  reads('autoscaling', 'DescribeScalingActivities', 2, ['person', 'pipeline'], ({ one }) => ({
    autoScalingGroupName: one('autoScalingGroups'),
  })),
  writes('autoscaling', 'SetDesiredCapacity', 0.8, ['workload'], ({ random, one }) => ({
    autoScalingGroupName: one('autoScalingGroups'),
    desiredCapacity: random.between(1, 12),
    honorCooldown: false,
  })),
  writes('autoscaling', 'CompleteLifecycleAction', 2, ['workload'], ({ random, one }) => ({
    autoScalingGroupName: one('autoScalingGroups'),
    lifecycleHookName: 'drain',
    lifecycleActionToken: random.uuid(),
    lifecycleActionResult: 'CONTINUE',
  })),

  reads(
    'elasticloadbalancing',
    'DescribeTargetHealth',
    13,
    ['workload', 'person', 'pipeline'],
    ({ one }) => ({ targetGroupArn: one('targetGroups') }),
    { apiVersion: '2015-12-01' },
  ),
  reads(
    'elasticloadbalancing',
    'DescribeLoadBalancers',
    9,
    ['pipeline', 'person', 'workload'],
    ({ one }) => ({ loadBalancerArns: [one('loadBalancers')] }),
    { apiVersion: '2015-12-01' },
  ),
  reads(
    'elasticloadbalancing',
    'DescribeTargetGroups',
    6,
    ['pipeline', 'workload'],
    ({ one }) => ({ targetGroupArns: [one('targetGroups')] }),
    { apiVersion: '2015-12-01' },
  ),
  reads(
    'elasticloadbalancing',
    'DescribeListeners',
    3,
    ['pipeline'],
    ({ one }) => ({ loadBalancerArn: one('loadBalancers') }),
    { apiVersion: '2015-12-01' },
  ),
  writes(
    'elasticloadbalancing',
    'RegisterTargets',
    3,
    [{ linked: 'AWSServiceRoleForECS' }, { linked: 'AWSServiceRoleForAutoScaling' }],
    ({ random, one }) => ({
      targetGroupArn: one('targetGroups'),
      targets: [{ id: `10.20.${random.below(64)}.${random.between(4, 250)}`, port: 8080 }],
    }),
    () => null,
    { apiVersion: '2015-12-01' },
  ),
  writes(
    'elasticloadbalancing',
    'DeregisterTargets',
    2.4,
    [{ linked: 'AWSServiceRoleForECS' }],
    ({ random, one }) => ({
      targetGroupArn: one('targetGroups'),
      targets: [{ id: `10.20.${random.below(64)}.${random.between(4, 250)}`, port: 8080 }],
    }),
    () => null,
    { apiVersion: '2015-12-01' },
  ),

  reads('ecs', 'DescribeServices', 12, ['pipeline', 'workload', 'person'], (scene) => ({
    cluster: cluster(scene),
    services: [scene.one('services')],
    include: ['TAGS'],
  })),
  reads('ecs', 'DescribeTasks', 10, ['workload', 'pipeline'], (scene) => ({
    cluster: cluster(scene),
    tasks: [task(scene)],
  })),
  reads('ecs', 'ListTasks', 6, ['workload', 'person'], (scene) => ({
    cluster: cluster(scene),
    serviceName: scene.one('services'),
    desiredStatus: 'RUNNING',
  })),
  reads('ecs', 'DescribeTaskDefinition', 5, ['pipeline'], ({ random, one }) => ({
    taskDefinition: `${one('services')}:${random.between(1, 300)}`,
    include: ['TAGS'],
  })),
  reads('ecs', 'DescribeClusters', 3, ['person', 'pipeline'], (scene) => ({
    clusters: [cluster(scene)],
  })),
  writes('ecs', 'RegisterTaskDefinition', 1.6, ['pipeline'], taskDefinition, (scene) => ({
    taskDefinition: {
      taskDefinitionArn: `arn:aws:ecs:${scene.place.region}:${scene.place.account.id}:task-definition/${scene.one('services')}:${scene.random.between(2, 300)}`,
      status: 'ACTIVE',
      registeredAt: printedTime(scene.timeMs),
      compatibilities: ['EC2', 'FARGATE'],
    },
  })),
  writes('ecs', 'UpdateService', 1.6, ['pipeline', 'person'], (scene) => ({
    cluster: cluster(scene),
    service: scene.one('services'),
    taskDefinition: `${scene.one('services')}:${scene.random.between(2, 300)}`,
    forceNewDeployment: true,
  })),
  writes(
    'ecs',
    'RunTask',
    3,
    [{ service: 'events' }, 'workload'],
    (scene) => ({
      cluster: cluster(scene),
      taskDefinition: `${scene.one('services')}:${scene.random.between(2, 300)}`,
      launchType: 'FARGATE',
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: [scene.one('subnets')],
          securityGroups: [scene.random.pick(scene.place.groups).id],
          assignPublicIp: 'DISABLED',
        },
      },
      startedBy: `events-rule/${scene.one('services')}`,
    }),
    (scene) => ({
      tasks: [
        {
          taskArn: task(scene),
          lastStatus: 'PROVISIONING',
          desiredStatus: 'RUNNING',
          cpu: '512',
          memory: '1024',
          createdAt: printedTime(scene.timeMs),
        },
      ],
      failures: [],
    }),
  ),
  writes(
    'ecs',
    'SubmitContainerStateChange',
    6,
    ['agent'],
    (scene) => ({
      cluster: cluster(scene),
      task: task(scene),
      containerName: scene.one('services'),
      status: scene.random.pick(['RUNNING', 'STOPPED']),
    }),
    () => ({ acknowledgment: 'ACK' }),
  ),
  reads('ecs', 'DiscoverPollEndpoint', 7, ['agent'], (scene) => ({
    containerInstance: `arn:aws:ecs:${scene.place.region}:${scene.place.account.id}:container-instance/${scene.one('clusters')}/${scene.random.hex(32)}`,
    cluster: cluster(scene),
  })),

  reads('ecr', 'GetAuthorizationToken', 9, ['workload', 'pipeline']),
  reads(
    'ecr',
    'BatchGetImage',
    9,
    ['workload', 'agent'],
    ({ place, random, one }) => ({
      registryId: place.account.id,
      repositoryName: one('repositories'),
      imageIds: [{ imageTag: random.hex(12) }],
      acceptedMediaTypes: [
        'application/vnd.docker.distribution.manifest.v2+json',
        'application/vnd.oci.image.manifest.v1+json',
        'application/vnd.oci.image.index.v1+json',
      ],
    }),
    {
      resources: ({ place, one }) => [
        {
          accountId: place.account.id,
          ARN: `arn:aws:ecr:${place.region}:${place.account.id}:repository/${one('repositories')}`,
        },
      ],
    },
  ),
  reads(
    'ecr',
    'GetDownloadUrlForLayer',
    13,
    ['workload', 'agent'],
    ({ place, random, one }) => ({
      registryId: place.account.id,
      repositoryName: one('repositories'),
      layerDigest: `sha256:${random.hex(64)}`,
    }),
    {
      resources: ({ place, one }) => [
        {
          accountId: place.account.id,
          ARN: `arn:aws:ecr:${place.region}:${place.account.id}:repository/${one('repositories')}`,
        },
      ],
    },
  ),
  writes(
    'ecr',
    'PutImage',
    1.4,
    ['pipeline'],
    ({ place, random, one }) => ({
      registryId: place.account.id,
      repositoryName: one('repositories'),
      imageTag: random.hex(12),
      imageManifest: JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: { digest: `sha256:${random.hex(64)}`, size: random.between(2000, 9000) },
        layers: Array.from({ length: 4 }, () => ({
          mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
          digest: `sha256:${random.hex(64)}`,
          size: random.between(10_000, 90_000_000),
        })),
      }),
    }),
    ({ place, random, one }) => ({
      image: {
        registryId: place.account.id,
        repositoryName: one('repositories'),
        imageId: { imageDigest: `sha256:${random.hex(64)}` },
      },
    }),
  ),

  reads(
    'lambda',
    'GetFunction20150331v2',
    4,
    ['pipeline', 'person'],
    ({ one }) => ({ functionName: one('functions') }),
    { apiVersion: '2015-03-31' },
  ),
  reads(
    'lambda',
    'GetFunctionConfiguration20150331v2',
    3,
    ['pipeline', 'person'],
    ({ one }) => ({ functionName: one('functions') }),
    { apiVersion: '2015-03-31' },
  ),
  reads(
    'lambda',
    'ListFunctions20150331',
    4,
    ['person', { service: 'config' }],
    () => ({ maxItems: 50 }),
    { apiVersion: '2015-03-31' },
  ),
  reads(
    'lambda',
    'ListTags20170331',
    2,
    ['pipeline'],
    ({ place, one }) => ({
      resource: `arn:aws:lambda:${place.region}:${place.account.id}:function:${one('functions')}`,
    }),
    { apiVersion: '2017-03-31' },
  ),
  writes(
    'lambda',
    'UpdateFunctionCode20150331v2',
    1.4,
    ['pipeline'],
    ({ random, one }) => ({
      functionName: one('functions'),
      s3Bucket: one('buckets'),
      s3Key: `builds/${random.hex(40)}.zip`,
      publish: true,
      dryRun: false,
    }),
    ({ place, random, one, timeMs }) => ({
      functionName: one('functions'),
      functionArn: `arn:aws:lambda:${place.region}:${place.account.id}:function:${one('functions')}`,
      runtime: 'nodejs24.x',
      role: `arn:aws:iam::${place.account.id}:role/storefront-web`,
      handler: 'index.handler',
      codeSize: random.between(20_000, 9_000_000),
      timeout: 30,
      memorySize: 512,
      lastModified: new Date(timeMs).toISOString(),
      codeSha256: `${random.base64(43)}=`,
      version: String(random.between(2, 400)),
      environment: {},
      tracingConfig: { mode: 'PassThrough' },
      revisionId: random.uuid(),
      state: 'Active',
      lastUpdateStatus: 'InProgress',
      packageType: 'Zip',
      architectures: ['arm64'],
      ephemeralStorage: { size: 512 },
    }),
    { apiVersion: '2015-03-31' },
  ),

  reads('eks', 'DescribeCluster', 4, ['pipeline', 'workload'], ({ one }) => ({
    name: one('clusters'),
  })),
  reads('eks', 'ListNodegroups', 1.5, ['person', 'pipeline'], ({ one }) => ({
    name: one('clusters'),
  })),
  reads('eks', 'AccessKubernetesApi', 3, ['person'], ({ one }) => ({
    name: one('clusters'),
    path: `/api/v1/namespaces/${one('services')}/pods?limit=500`,
  })),
];
