package dev.layercache.load.fleet;

import dev.layercache.load.data.Blob;
import dev.layercache.load.http.RegistryClient;
import dev.layercache.oci.Digest;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Runs builds, as docker does: pulls the layers that it lacks, asks before it sends. One thread at
 * a time.
 */
final class BuildMachine {
  private final Site site;
  private final Set<Digest> held = new HashSet<>();

  BuildMachine(Site site) {
    this.site = site;
  }

  void run(Job job) throws IOException {
    if (!site.layersStay()) {
      held.clear();
    }
    if (job.newest().isPresent()) {
      pull(job.newest().get());
    }
    pull(job.built().base());
    job.built().own().forEach(layer -> held.add(layer.digest()));
    held.add(job.built().config().digest());
    push(job.built());
  }

  private void pull(Image image) throws IOException {
    try (var client = new RegistryClient(site.pulls(), image.repository())) {
      client.manifest(image.tag());
      for (var blob : image.blobs()) {
        pull(client, blob);
      }
    }
  }

  private void pull(Image.Base base) throws IOException {
    try (var client = new RegistryClient(site.pulls(), site.basePrefix() + base.repository())) {
      client.manifest(base.tag());
      for (var blob : base.blobs()) {
        pull(client, blob);
      }
    }
  }

  private void pull(RegistryClient client, Blob blob) throws IOException {
    if (held.add(blob.digest())) {
      client.pull(blob);
    }
  }

  private void push(Image image) throws IOException {
    try (var client = new RegistryClient(site.pushes(), image.repository())) {
      for (var blob : image.blobs()) {
        if (!client.hasBeforePush(blob.digest())) {
          if (image.base().layers().contains(blob)) {
            client.mountOrPush(blob, site.basePrefix() + image.base().repository());
          } else {
            client.push(blob);
          }
        }
      }
      client.putManifest(image.tag(), image.manifest());
    }
  }
}
