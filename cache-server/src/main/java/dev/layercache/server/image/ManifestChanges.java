package dev.layercache.server.image;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.Manifest;
import dev.layercache.server.metadata.MetadataStore.Change;
import dev.layercache.server.metadata.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The rows that a manifest has in the tables, as changes of one batch. */
final class ManifestChanges {
  private final String repository;
  private final Digest digest;
  private final List<Change> changes = new ArrayList<>();

  ManifestChanges(String repository, Digest digest) {
    this.repository = repository;
    this.digest = digest;
  }

  /** Adds the manifest, who it names, and whom it refers to. */
  ManifestChanges add(ManifestRecord manifest, Manifest content) {
    put(Table.MANIFESTS, ImageKeys.digest(repository, digest), ImageRecords.manifest(manifest));
    // It names itself too: a blob that nobody names in LINKS is no part of any image.
    put(Table.LINKS, ImageKeys.link(digest, repository, digest), ImageRecords.present());
    for (var reference : manifest.references()) {
      byte[] link = ImageKeys.link(reference.digest(), repository, digest);
      put(Table.LINKS, link, ImageRecords.present());
    }
    manifest
        .subject()
        .ifPresent(
            subject ->
                put(
                    Table.REFERRERS,
                    ImageKeys.referrer(repository, subject, digest),
                    ImageRecords.referrer(
                        new Descriptor(manifest.mediaType(), digest, manifest.size())
                            .withArtifact(content.artifactType(), content.annotations()))));
    return this;
  }

  /** Removes what {@link #add} added. */
  ManifestChanges remove(ManifestRecord manifest) {
    delete(Table.MANIFESTS, ImageKeys.digest(repository, digest));
    delete(Table.LINKS, ImageKeys.link(digest, repository, digest));
    for (var reference : manifest.references()) {
      delete(Table.LINKS, ImageKeys.link(reference.digest(), repository, digest));
    }
    manifest
        .subject()
        .ifPresent(
            subject -> delete(Table.REFERRERS, ImageKeys.referrer(repository, subject, digest)));
    return this;
  }

  /** Moves tags to the manifest. */
  ManifestChanges tag(List<String> tags, ManifestRecord manifest, Instant now) {
    byte[] value = ImageRecords.tag(manifest.stored(digest).descriptor(), now);
    for (String tag : tags) {
      put(Table.TAGS, ImageKeys.tag(repository, tag), value);
      put(Table.TAGGED, ImageKeys.tagged(repository, digest, tag), ImageRecords.present());
    }
    return this;
  }

  /** Makes the blobs that the manifest names visible in the repository. */
  ManifestChanges restoreBlobs(ManifestRecord manifest) {
    for (var reference : manifest.references()) {
      delete(Table.TOMBSTONES, ImageKeys.digest(repository, reference.digest()));
    }
    return this;
  }

  /** The batch so far. */
  List<Change> toList() {
    return List.copyOf(changes);
  }

  private void put(Table table, byte[] key, byte[] value) {
    changes.add(new Change.Put(table, key, value));
  }

  private void delete(Table table, byte[] key) {
    changes.add(new Change.Delete(table, key));
  }
}
