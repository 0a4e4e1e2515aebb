"""Service-linked roles: which services have one, what it is called, and which of AWS's policies it has.

Such a role lies under `/aws-service-role/SERVICE/`, is called `AWSServiceRoleFor...`, trusts its service
alone and has the one policy that AWS made for it; nobody but the service changes it.
Source: the pages "Using service-linked roles" of the services; "AWS services that work with IAM" in the IAM
User Guide; the AWS Managed Policy Reference for the policies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from rolekeeper.errors import UnmodifiableEntity
from rolekeeper.iam.entities import Role

PATH = "/aws-service-role/"  # a path that no customer uses: organizations' policies spare its roles
RESERVED = "/aws-reserved/"  # nor this one: no customer could change the role again, see `policy.reserved`


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedService:
    """A service with a role of its own."""

    principal: str
    role_name: str
    policy: str
    """The name of the AWS managed policy that the role has."""
    suffixed: bool = False
    """Whether there may be several, told apart by a suffix that the customer chooses."""

    @property
    def path(self) -> str:
        """Where its roles are."""
        return f"{PATH}{self.principal}/"

    @property
    def trust(self) -> str:
        """The trust policy of its roles: the service, and nobody else."""
        statement = {
            "Action": ["sts:AssumeRole"],
            "Effect": "Allow",
            "Principal": {"Service": [self.principal]},
        }
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))

    def name(self, suffix: str | None) -> str:
        """The name of its role."""
        return self.role_name if suffix is None else f"{self.role_name}_{suffix}"


def is_service_linked(role: Role) -> bool:
    """Whether a role is linked to a service."""
    return role.path.startswith(PATH)


def refuse_if_protected(role: Role) -> None:
    """UnmodifiableEntity, in AWS's words, where a role is AWS's to change."""
    if role.path.startswith((PATH, RESERVED)):
        raise UnmodifiableEntity(
            f"Cannot perform the operation on the protected role '{role.name}' - "
            "this role is only modifiable by AWS"
        )


_SUFFIXED = frozenset({"autoscaling", "connect", "lexv2"})

_ROWS = """
access-analyzer AccessAnalyzer AccessAnalyzerServiceRolePolicy
accountdiscovery.ssm AmazonSSM_AccountDiscovery AWSSystemsManagerAccountDiscoveryServicePolicy
acm CertificateManager CertificateManagerServiceRolePolicy
airflow AmazonMWAA AmazonMWAAServiceRolePolicy
apidestinations.events AmazonEventBridgeApiDestinations AmazonEventBridgeApiDestinationsServiceRolePolicy
appmesh AppMesh AWSAppMeshServiceRolePolicy
apprunner AppRunner AppRunnerServiceRolePolicy
auditmanager AuditManager AWSAuditManagerServiceRolePolicy
autoscaling AutoScaling AutoScalingServiceRolePolicy
autoscaling-plans AutoScalingPlans_EC2AutoScaling AWSAutoScalingPlansEC2AutoScalingPolicy
backup Backup AWSBackupServiceLinkedRolePolicyForBackup
batch Batch BatchServiceRolePolicy
cassandra.application-autoscaling ApplicationAutoScaling_CassandraTable AWSApplicationAutoscalingCassandraTablePolicy
cks.kms KeyManagementServiceCustomKeyStores AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy
cloudhsm CloudHSM CloudHSMServiceRolePolicy
cloudtrail CloudTrail CloudTrailServiceRolePolicy
codestar-notifications CodeStarNotifications AWSCodeStarNotificationsServiceRolePolicy
comprehend.application-autoscaling ApplicationAutoScaling_ComprehendEndpoint AWSApplicationAutoscalingComprehendEndpointPolicy
compute-optimizer ComputeOptimizer ComputeOptimizerServiceRolePolicy
config Config AWSConfigServiceRolePolicy
config-conforms ConfigConforms ConfigConformsServiceRolePolicy
connect AmazonConnect AmazonConnectServiceLinkedRolePolicy
contributorinsights.dynamodb DynamoDBCloudWatchContributorInsights DynamoDBCloudWatchContributorInsightsServiceRolePolicy
controltower AWSControlTower AWSControlTowerAccountServiceRolePolicy
custom-resource.application-autoscaling ApplicationAutoScaling_CustomResource AWSApplicationAutoScalingCustomResourcePolicy
dax DAX DAXServiceRolePolicy
delivery.logs LogDelivery AWSServiceRoleForLogDeliveryPolicy
detective Detective AmazonDetectiveServiceLinkedRolePolicy
dms DMSServerless AWSDMSServerlessServiceRolePolicy
docdb-elastic DocDB-Elastic AmazonDocDB-ElasticServiceRolePolicy
dynamodb.application-autoscaling ApplicationAutoScaling_DynamoDBTable AWSApplicationAutoscalingDynamoDBTablePolicy
ec2-instance-connect Ec2InstanceConnect Ec2InstanceConnectEndpoint
ec2.application-autoscaling ApplicationAutoScaling_EC2SpotFleetRequest AWSApplicationAutoscalingEC2SpotFleetRequestPolicy
ec2fleet EC2Fleet AWSEC2FleetServiceRolePolicy
ecr ECRTemplate ECRTemplateServiceRolePolicy
ecs ECS AmazonECSServiceRolePolicy
ecs.application-autoscaling ApplicationAutoScaling_ECSService AWSApplicationAutoscalingECSServicePolicy
eks AmazonEKS AmazonEKSServiceRolePolicy
eks-connector AmazonEKSConnector AmazonEKSConnectorServiceRolePolicy
eks-fargate AmazonEKSForFargate AmazonEKSForFargateServiceRolePolicy
eks-nodegroup AmazonEKSNodegroup AWSServiceRoleForAmazonEKSNodegroup
elasticache ElastiCache ElastiCacheServiceRolePolicy
elasticache.application-autoscaling ApplicationAutoScaling_ElastiCacheRG AWSApplicationAutoscalingElastiCacheRGPolicy
elasticbeanstalk ElasticBeanstalk AWSElasticBeanstalkServiceRolePolicy
elasticfilesystem AmazonElasticFileSystem AmazonElasticFileSystemServiceRolePolicy
elasticloadbalancing ElasticLoadBalancing AWSElasticLoadBalancingServiceRolePolicy
elasticmapreduce EMRCleanup AmazonEMRCleanupPolicy
email.cognito-idp AmazonCognitoIdpEmailService AmazonCognitoIdpEmailServiceRolePolicy
emr-containers AmazonEMRContainers AmazonEMRContainersServiceRolePolicy
emrwal EMRWAL EMRDescribeClusterPolicyForEMRWAL
es AmazonElasticsearchService AmazonElasticsearchServiceRolePolicy
events CloudWatchEvents CloudWatchEventsServiceRolePolicy
fis FIS AmazonFISServiceRolePolicy
fms FMS FMSServiceRolePolicy
fsx AmazonFSx AmazonFSxServiceRolePolicy
globalaccelerator GlobalAccelerator AWSGlobalAcceleratorSLRPolicy
grafana AmazonGrafana AmazonGrafanaServiceLinkedRolePolicy
guardduty AmazonGuardDuty AmazonGuardDutyServiceRolePolicy
imagebuilder ImageBuilder AWSServiceRoleForImageBuilder
inspector2 AmazonInspector2 AmazonInspector2ServiceRolePolicy
ipam IPAM AWSIPAMServiceRolePolicy
kafka Kafka KafkaServiceRolePolicy
kafka.application-autoscaling ApplicationAutoScaling_KafkaCluster AWSApplicationAutoscalingKafkaClusterPolicy
kafkaconnect KafkaConnect KafkaConnectServiceRolePolicy
kinesisreplication.dynamodb DynamoDBKinesisDataStreamsReplication DynamoDBKinesisReplicationServiceRolePolicy
lakeformation LakeFormationDataAccess LakeFormationDataAccessServiceRolePolicy
lambda.application-autoscaling ApplicationAutoScaling_LambdaConcurrency AWSApplicationAutoscalingLambdaConcurrencyPolicy
lexv2 LexV2Bots AmazonLexV2BotPolicy
lightsail Lightsail LightsailExportAccess
logger.cloudfront CloudFrontLogger AWSCloudFrontLogger
macie AmazonMacie AmazonMacieServiceRolePolicy
maintenance.elasticbeanstalk ElasticBeanstalkMaintenance AWSElasticBeanstalkMaintenance
malware-protection.guardduty AmazonGuardDutyMalwareProtection AmazonGuardDutyMalwareProtectionServiceRolePolicy
managedupdates.elasticbeanstalk ElasticBeanstalkManagedUpdates AWSElasticBeanstalkManagedUpdatesServiceRolePolicy
memorydb MemoryDB MemoryDBServiceRolePolicy
mq AmazonMQ AmazonMQServiceRolePolicy
mrk.kms KeyManagementServiceMultiRegionKeys AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy
neptune.application-autoscaling ApplicationAutoScaling_NeptuneCluster AWSApplicationAutoscalingNeptuneClusterPolicy
network-firewall NetworkFirewall AWSNetworkFirewallServiceRolePolicy
networking.apprunner AppRunnerNetworking AppRunnerNetworkingServiceRolePolicy
networkmanager NetworkManager AWSNetworkManagerServiceRolePolicy
notifications AwsUserNotifications AWSUserNotificationsServiceLinkedRolePolicy
observability.aoss AmazonOpenSearchServerless AmazonOpenSearchServerlessServiceRolePolicy
opensearchservice AmazonOpenSearchService AmazonOpenSearchServiceRolePolicy
ops.apigateway APIGateway APIGatewayServiceRolePolicy
ops.emr-serverless AmazonEMRServerless AmazonEMRServerlessServiceRolePolicy
opsinsights.ssm AmazonSSM_OpsInsights AWSSSMOpsInsightsServiceRolePolicy
organizations Organizations AWSOrganizationsServiceTrustPolicy
pullthroughcache.ecr ECRPullThroughCache AWSECRPullThroughCache_ServiceRolePolicy
ram ResourceAccessManager AWSResourceAccessManagerServiceRolePolicy
rds RDS AmazonRDSServiceRolePolicy
rds.application-autoscaling ApplicationAutoScaling_RDSCluster AWSApplicationAutoscalingRDSClusterPolicy
redshift Redshift AmazonRedshiftServiceLinkedRolePolicy
replication.cassandra KeyspacesReplication KeyspacesReplicationServiceRolePolicy
replication.dynamodb DynamoDBReplication DynamoDBReplicationServiceRolePolicy
replication.ecr ECRReplication ECRReplicationServiceRolePolicy
replicator.lambda LambdaReplicator AWSLambdaReplicator
resource-explorer-2 ResourceExplorer AWSResourceExplorerServiceRolePolicy
role-manager.iam IAMRoleManager AWSIAMRoleManagerServiceRolePolicy
rolesanywhere RolesAnywhere AWSRolesAnywhereServicePolicy
route53resolver Route53Resolver Route53ResolverServiceRolePolicy
sagemaker.application-autoscaling ApplicationAutoScaling_SageMakerEndpoint AWSApplicationAutoscalingSageMakerEndpointPolicy
securityhub SecurityHub AWSSecurityHubServiceRolePolicy
servicequotas ServiceQuotas ServiceQuotasServiceRolePolicy
ses AmazonSES AmazonSESServiceRolePolicy
shield AWSShield AWSShieldServiceRolePolicy
spot EC2Spot AWSEC2SpotServiceRolePolicy
spotfleet EC2SpotFleet AWSEC2SpotFleetServiceRolePolicy
ssm AmazonSSM AmazonSSMServiceRolePolicy
ssm-incidents IncidentManager AWSIncidentManagerServiceRolePolicy
sso SSO AWSSSOServiceRolePolicy
storage-lens.s3 S3StorageLens S3StorageLensServiceRolePolicy
support Support AWSSupportServiceRolePolicy
transitgateway VPCTransitGateway AWSVPCTransitGatewayServiceRolePolicy
trustedadvisor TrustedAdvisor AWSTrustedAdvisorServiceRolePolicy
vpc-lattice VpcLattice AWSVpcLatticeServiceRolePolicy
vpcorigin.cloudfront CloudFrontVPCOrigin AWSCloudFrontVPCOriginServiceRolePolicy
waf WAFLogging WAFLoggingServiceRolePolicy
wafv2 WAFV2Logging WAFV2LoggingServiceRolePolicy
"""  # noqa: E501
"""The principal without `.amazonaws.com`, the role's name without `AWSServiceRoleFor`, the policy."""


def _service(row: str) -> LinkedService:
    service, role, policy = row.split()
    return LinkedService(
        principal=f"{service}.amazonaws.com",
        role_name=f"AWSServiceRoleFor{role}",
        policy=policy,
        suffixed=service in _SUFFIXED,
    )


SERVICES: Mapping[str, LinkedService] = {
    found.principal: found for found in map(_service, _ROWS.strip().splitlines())
}
"""By principal. Principals are compared with their case."""
