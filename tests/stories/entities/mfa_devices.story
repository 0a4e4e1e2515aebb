# A virtual MFA device: its seed gives the codes.
root> CreateUser UserName=mia
root> CreateVirtualMFADevice VirtualMFADeviceName=mia Path=/phones/ Tags='[{"Key":"team","Value":"blue"}]'
  VirtualMFADevice.SerialNumber = arn:aws:iam::$root.Account:mfa/phones/mia
  as device
root> CreateVirtualMFADevice VirtualMFADeviceName=mia Path=/phones/
  ! EntityAlreadyExists
root> ListVirtualMFADevices AssignmentStatus=Unassigned
  VirtualMFADevices.0.SerialNumber = arn:aws:iam::$root.Account:mfa/phones/mia
codes now = $device.VirtualMFADevice.Base32StringSeed
root> EnableMFADevice UserName=mia SerialNumber=$device.VirtualMFADevice.SerialNumber AuthenticationCode1=$now.second AuthenticationCode2=$now.first
  ! InvalidAuthenticationCode
root> EnableMFADevice UserName=mia SerialNumber=$device.VirtualMFADevice.SerialNumber AuthenticationCode1=$now.first AuthenticationCode2=$now.second
root> ListMFADevices UserName=mia
  MFADevices.length = 1
root> GetMFADevice UserName=mia SerialNumber=$device.VirtualMFADevice.SerialNumber
  UserName = mia
root> TagMFADevice SerialNumber=$device.VirtualMFADevice.SerialNumber Tags='[{"Key":"level","Value":"one"}]'
root> UntagMFADevice SerialNumber=$device.VirtualMFADevice.SerialNumber TagKeys='["team"]'
root> ListMFADeviceTags SerialNumber=$device.VirtualMFADevice.SerialNumber
  Tags.0.Key = level
root> ResyncMFADevice UserName=mia SerialNumber=$device.VirtualMFADevice.SerialNumber AuthenticationCode1=000000 AuthenticationCode2=000000
  ! InvalidAuthenticationCode
root> DeleteVirtualMFADevice SerialNumber=$device.VirtualMFADevice.SerialNumber
  ! DeleteConflict
root> DeactivateMFADevice UserName=mia SerialNumber=$device.VirtualMFADevice.SerialNumber
root> DeleteVirtualMFADevice SerialNumber=$device.VirtualMFADevice.SerialNumber
root> DeleteUser UserName=mia
