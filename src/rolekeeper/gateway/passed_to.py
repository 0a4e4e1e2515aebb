"""To which service each parameter that takes a role hands it: the table, one row a service.

The rule of this file: a row has the service's name in botocore, the principal that its roles are for, and
then its exceptions, `PARAMETER=PRINCIPAL`, `Operation=PRINCIPAL` or `Operation.PARAMETER=PRINCIPAL`, in
which a principal goes without `.amazonaws.com`, `-` is none (the role is not handed over: it is assumed by
another role, named in a filter, or taken away), and `.` is the service's own. A parameter counts if it has
"role" in its name or is named here. What is not named has the service's own name for a principal.
Sources: the pages of the operations in the services' API references; the statements with iam:PassedToService
in the AWS Managed Policy Reference; "AWS services that work with IAM" in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping

_ROWS = """
acm acm
apigateway apigateway credentials=. authorizerCredentials=.
apigatewayv2 apigateway CredentialsArn=. AuthorizerCredentialsArn=.
application-autoscaling application-autoscaling
autoscaling autoscaling IamInstanceProfile=ec2
batch batch instanceRole=ec2 ec2InstanceProfileArn=ec2
cloudformation cloudformation DeleteStack=. ExecutionRoleName=- ActivateType=resources.cloudformation RegisterType=resources.cloudformation
cloudwatch cloudwatch PutMetricStream=streams.metrics.cloudwatch
config config PutRemediationConfigurations=ssm
dms dms KeyCacheSecretIamArn=.
dynamodb dynamodb AutoScalingRoleArn=application-autoscaling
dax dax
ec2 ec2 IamFleetRole=spotfleet DeliverLogsPermissionArn=vpc-flow-logs DeliverCrossAccountRole=- RoleName=vmie AssociateEnclaveCertificateIamRole=- CreateLaunchTemplate=- CreateLaunchTemplateVersion=- Role=-
ecr ecr CreatePullThroughCacheRule=pullthroughcache.ecr UpdatePullThroughCacheRule=pullthroughcache.ecr
ecs ecs taskRoleArn=ecs-tasks executionRoleArn=ecs-tasks ec2InstanceProfileArn=ec2
eks eks podIdentityAssociations.roleArn=pods.eks CreatePodIdentityAssociation.roleArn=pods.eks UpdatePodIdentityAssociation.roleArn=pods.eks targetRoleArn=- podExecutionRoleArn=eks-fargate-pods nodeRole=ec2 nodeRoleArn=ec2 role=-
emr elasticmapreduce JobFlowRole=ec2 AutoScalingRole=application-autoscaling
events events
firehose firehose SnowflakeRole=-
glue glue TmpDirIAMRole=redshift StreamingOptions.RoleArn=- RoleSessionName=- DynamodbStsRoleArn=- ExecutionRoleSessionPolicy=-
imagebuilder imagebuilder instanceProfileName=ec2
iot iot roleAlias=- CreateRoleAlias=credentials.iot UpdateRoleAlias=credentials.iot
kinesis kinesis
kms kms
lambda lambda
logs logs
opensearch es RolesKey=- MasterBackendRole=-
pipes pipes ExecutionRoleArn=ecs-tasks TaskRoleArn=ecs-tasks
rds rds MonitoringRoleArn=monitoring.rds CustomIamInstanceProfile=ec2 StartExportTask=export.rds TargetRole=-
redshift redshift CreateScheduledAction=scheduler.redshift ModifyScheduledAction=scheduler.redshift RemoveIamRoles=-
s3 s3
s3control s3 CreateJob=batchoperations.s3 IAMRoleArn=access-grants.s3
s3tables replication.s3tables
scheduler scheduler
secretsmanager secretsmanager
securitylake securitylake
sns sns
sqs sqs
ssm ssm ExecutionRoleName=- SendCommand.Parameters=- StartSession.Parameters=-
stepfunctions states
"""  # noqa: E501

_SUFFIX = ".amazonaws.com"


def _read() -> tuple[dict[str, str], dict[str, str]]:
    own: dict[str, str] = {}
    exceptions: dict[str, str] = {}
    for row in _ROWS.strip().splitlines():
        service, principal, *rest = row.split()
        own[service] = principal + _SUFFIX
        for exception in rest:
            name, _, told = exception.partition("=")
            told = principal if told == "." else told
            exceptions[f"{service}.{name}"] = "" if told == "-" else told + _SUFFIX
    return own, exceptions


OWN: Mapping[str, str]
"""The principal of a service, by its name in botocore."""
EXCEPTIONS: Mapping[str, str]
"""By `service.PARAMETER`, `service.outer.PARAMETER`, `service.Operation` or `service.Operation.PARAMETER`:
another principal, or none where nothing is handed over."""
OWN, EXCEPTIONS = _read()

BY_NAME = frozenset(
    {
        "application-autoscaling.RoleARN",
        "autoscaling.ServiceLinkedRoleARN",
        "ec2.RoleName",
        "ecs.role",
        "ecs.taskRoleArn",
        "ecs.executionRoleArn",
        "emr.ServiceRole",
        "emr.AutoScalingRole",
        "glue.Role",
        "glue.RoleArn",
        "glue.roleArn",
        "rds.DomainIAMRoleName",
        "ssm.IamRole",
        "ssm.ServiceRoleArn",
    }
)
"""Parameters in which a role may also be called by its name alone, without an ARN."""

PROFILES = frozenset(
    {
        "autoscaling.IamInstanceProfile",
        "batch.ec2InstanceProfileArn",
        "batch.instanceRole",
        "ec2.IamInstanceProfile",
        "ecs.ec2InstanceProfileArn",
        "emr.JobFlowRole",
        "imagebuilder.instanceProfileName",
        "rds.CustomIamInstanceProfile",
    }
)
"""Parameters that name an instance profile, by its name or its ARN: the role in it is handed over."""

ATTRIBUTES = frozenset(
    {
        "config.Parameters",
        "glue.ConnectionProperties",
        "sns.Attributes",
        "sns.attributes",
        "ssm.Parameters",
    }
)
"""Maps in which a role stands under a key with "role" in its name, as if the key were a parameter."""

NEVER = ("Describe", "List", "Get", "Search", "Delete", "Remove", "Disassociate", "Deregister", "BatchGet")
"""How operations begin that take no role for a service, if no exception names them."""

ABOUT: Mapping[str, str] = {
    "autoscaling": "ec2 instance/*",
    "cloudformation": "cloudformation stack/{StackName}/*",
    "codebuild": "codebuild project/{name}",
    "ec2": "ec2 instance/{InstanceId}",
    "ecs": "ecs task-definition/{family}:*",
    "events": "events rule/{Rule|Name}",
    "firehose": "firehose deliverystream/{DeliveryStreamName}",
    "glue": "glue job/{Name|JobName}",
    "glue.CreateCrawler": "glue crawler/{Name}",
    "glue.UpdateCrawler": "glue crawler/{Name}",
    "lambda": "lambda function:{FunctionName}",
    "pipes": "pipes pipe/{Name}",
    "rds": "rds db:{DBInstanceIdentifier}",
    "rds.CreateDBCluster": "rds cluster:{DBClusterIdentifier}",
    "rds.ModifyDBCluster": "rds cluster:{DBClusterIdentifier}",
    "redshift": "redshift cluster:{ClusterIdentifier}",
    "scheduler": "scheduler schedule-group/{GroupName}",
    "stepfunctions": "states stateMachine:{name|stateMachineArn}",
}
"""What the role will be used for (iam:AssociatedResourceArn), by service or operation: the service in its ARN
and the resource, with the parameters that have its name; `*` stands for what is not known yet."""
