# A server certificate: its key is never told again.
root> UploadServerCertificate ServerCertificateName=site Path=/cloudfront/ CertificateBody=@certificate PrivateKey=@other-key
  ! KeyPairMismatch
root> UploadServerCertificate ServerCertificateName=site Path=/cloudfront/ CertificateBody=@certificate PrivateKey=@certificate-key CertificateChain=@authority Tags='[{"Key":"team","Value":"blue"}]'
  ServerCertificateMetadata.ServerCertificateId ~ ASCA
root> GetServerCertificate ServerCertificateName=site
  ServerCertificate.CertificateBody ~ BEGIN CERTIFICATE
  ServerCertificate.PrivateKey absent
root> UpdateServerCertificate ServerCertificateName=site NewServerCertificateName=page NewPath=/web/
root> ListServerCertificates PathPrefix=/web/
  ServerCertificateMetadataList.0.ServerCertificateName = page
root> TagServerCertificate ServerCertificateName=page Tags='[{"Key":"level","Value":"one"}]'
root> UntagServerCertificate ServerCertificateName=page TagKeys='["team"]'
root> ListServerCertificateTags ServerCertificateName=page
  Tags.0.Key = level
root> DeleteServerCertificate ServerCertificateName=site
  ! NoSuchEntity
root> DeleteServerCertificate ServerCertificateName=page
