# What else a user can sign with: certificates, SSH keys, and credentials for one service.
root> CreateUser UserName=sue

root> UploadSigningCertificate UserName=sue CertificateBody=@certificate
  Certificate.Status = Active
  as signing
root> UploadSigningCertificate UserName=sue CertificateBody=@certificate
  ! DuplicateCertificate
root> UpdateSigningCertificate UserName=sue CertificateId=$signing.Certificate.CertificateId Status=Inactive
root> ListSigningCertificates UserName=sue
  Certificates.0.Status = Inactive

root> UploadSSHPublicKey UserName=sue SSHPublicKeyBody=@ssh-key
  SSHPublicKey.SSHPublicKeyId ~ APKA
  as ssh
root> UploadSSHPublicKey UserName=sue SSHPublicKeyBody=ssh-rsa
  ! UnrecognizedPublicKeyEncoding
root> UpdateSSHPublicKey UserName=sue SSHPublicKeyId=$ssh.SSHPublicKey.SSHPublicKeyId Status=Inactive
root> GetSSHPublicKey UserName=sue SSHPublicKeyId=$ssh.SSHPublicKey.SSHPublicKeyId Encoding=PEM
  SSHPublicKey.SSHPublicKeyBody ~ BEGIN PUBLIC KEY
root> ListSSHPublicKeys UserName=sue
  SSHPublicKeys.0.Status = Inactive

root> CreateServiceSpecificCredential UserName=sue ServiceName=codecommit.amazonaws.com
  ServiceSpecificCredential.ServiceSpecificCredentialId ~ ACCA
  as git
root> CreateServiceSpecificCredential UserName=sue ServiceName=nothing.amazonaws.com
  ! NotSupportedService
root> ResetServiceSpecificCredential UserName=sue ServiceSpecificCredentialId=$git.ServiceSpecificCredential.ServiceSpecificCredentialId
  ServiceSpecificCredential.ServiceName = codecommit.amazonaws.com
root> UpdateServiceSpecificCredential UserName=sue ServiceSpecificCredentialId=$git.ServiceSpecificCredential.ServiceSpecificCredentialId Status=Inactive
root> ListServiceSpecificCredentials UserName=sue
  ServiceSpecificCredentials.0.Status = Inactive
  ServiceSpecificCredentials.0.ServicePassword absent

root> DeleteUser UserName=sue
  ! DeleteConflict
root> DeleteServiceSpecificCredential UserName=sue ServiceSpecificCredentialId=$git.ServiceSpecificCredential.ServiceSpecificCredentialId
root> DeleteSSHPublicKey UserName=sue SSHPublicKeyId=$ssh.SSHPublicKey.SSHPublicKeyId
root> DeleteSSHPublicKey UserName=sue SSHPublicKeyId=$ssh.SSHPublicKey.SSHPublicKeyId
  ! NoSuchEntity
root> DeleteSigningCertificate UserName=sue CertificateId=$signing.Certificate.CertificateId
root> DeleteUser UserName=sue
