package dev.layercache.client;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Remembers what it was told. */
final class RecordingListener implements TransferListener {
  final Map<Digest, Long> started = new ConcurrentHashMap<>();
  final Map<Digest, Long> positions = new ConcurrentHashMap<>();
  final Set<Digest> finished = ConcurrentHashMap.newKeySet();
  final Set<Digest> alreadyThere = ConcurrentHashMap.newKeySet();

  @Override
  public void started(Descriptor blob, long offset) {
    started.put(blob.digest(), offset);
  }

  @Override
  public void progressed(Descriptor blob, long position) {
    positions.put(blob.digest(), position);
  }

  @Override
  public void finished(Descriptor blob) {
    finished.add(blob.digest());
  }

  @Override
  public void alreadyThere(Descriptor blob) {
    alreadyThere.add(blob.digest());
  }
}
