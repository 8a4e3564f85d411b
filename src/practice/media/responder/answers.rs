//! Answers about the device, its storages and its objects (ISO 15740, chapters 5 and 13).

use super::*;

impl Connection<'_> {
    pub(super) fn device_info(&mut self, command: &Command) -> Ended {
        let model = self.device.settings.model;
        let android = matches!(model, Model::Android | Model::Responder);
        let mut operations = self.operations();
        if android {
            operations.extend(ANDROID_WRITES);
        }
        let (extension, extensions) = match model.speaks_mtp() {
            true if android => (6, "microsoft.com: 1.0; android.com: 1.0;"),
            true => (6, "microsoft.com: 1.0;"),
            false => (0, ""),
        };
        let properties: &[u16] = match model {
            Model::Android | Model::Responder => &[BATTERY_LEVEL, 0xd401, 0xd402],
            Model::Watch | Model::Player => &[0xd402, PERCEIVED_TYPE],
            Model::Camera | Model::IPhone | Model::OldPhone => &[],
        };
        let (make, model, version, serial) = self.device.settings.names();
        let set = Dataset::default()
            .u16(100)
            .u32(extension)
            .u16(100)
            .text(extensions)
            .u16(0)
            .words(&operations)
            .words(&[0x4002, 0x4003, 0x4004, 0x4005])
            .words(properties)
            .words(&[])
            .words(&[0x3000, 0x3001, 0x3801, 0x300b])
            .text(make)
            .text(model)
            .text(version)
            .text(serial);
        self.data(command, set)
    }

    pub(super) fn storage_info(&mut self, command: &Command) -> Ended {
        let id = command.parameter(0);
        if !self.storages(false).contains(&id) {
            return refuse(INVALID_STORAGE_ID);
        }
        if self.device.settings.no_storage_info {
            return refuse(GENERAL_ERROR);
        }
        // A camera without internal memory has only a card.
        let settings = &self.device.settings;
        let is_card = id == CARD || (settings.model == Model::Camera && !settings.more_files);
        let name = match is_card {
            true => "SD card",
            false => "Internal shared storage",
        };
        let set = Dataset::default()
            .u16(if is_card { 4 } else { 3 })
            .u16(2)
            .u16(0)
            .u64(64 << 30)
            .u64(32 << 30)
            .u32(1 << 30)
            .text(name)
            .text("");
        self.data(command, set)
    }

    pub(super) fn handles(&mut self, command: &Command) -> Ended {
        let (storage, folder) = (command.parameter(0), command.parameter(2));
        if !self.storages(false).contains(&storage) {
            return refuse(INVALID_STORAGE_ID);
        }
        if self.device.trouble(folder) == Some(Trouble::Denied) {
            return refuse(ACCESS_DENIED);
        }
        let flat = self.device.settings.flat || folder == 0;
        // For objects without a parent, the folder is the root.
        let folder = if folder == u32::MAX { 0 } else { folder };
        let state = self.device.state();
        let mut handles = state.store.listed(storage, folder, flat);
        if command.parameter(1) == u32::from(ASSOCIATION) {
            let is_folder = |object: &Object| matches!(object.content, Content::Folder);
            handles.retain(|handle| state.store.objects.get(handle).is_some_and(is_folder));
        }
        if self.device.settings.lost_folder && !flat {
            let camera = state.store.camera();
            handles.retain(|handle| Some(*handle) != camera);
        }
        let settings = &self.device.settings;
        let is_camera = Some(folder) == state.store.camera();
        drop(state);
        let slow = match command.parameter(2) {
            0 => settings.slow_all,
            _ => settings.slow_folder.filter(|_| is_camera),
        };
        if let Some(slow) = slow {
            std::thread::sleep(slow);
        }
        self.data(command, Dataset::default().handles(&handles))
    }

    pub(super) fn object_info(&mut self, command: &Command) -> Ended {
        if self.device.trouble(command.parameter(0)) == Some(Trouble::Nameless) {
            return refuse(GENERAL_ERROR);
        }
        let (object, size) = {
            let state = self.device.state();
            match state.store.objects.get(&command.parameter(0)) {
                Some(object) => (object.clone(), object.size(self.device.settings.seed)),
                None => return refuse(INVALID_OBJECT_HANDLE),
            }
        };
        let as_file = self.device.settings.folder_as_file
            && self.device.state().store.camera() == Some(command.parameter(0));
        let size = if as_file { 4096 } else { size };
        let is_folder = matches!(object.content, Content::Folder) && !as_file;
        let format = match object.name.rsplit('.').next() {
            _ if is_folder => ASSOCIATION,
            Some("jpg" | "JPG") => 0x3801,
            Some("mp4") => 0x300b,
            _ => 0x3000,
        };
        let settings = &self.device.settings;
        let format = if settings.aae_names && !is_folder {
            0x3000
        } else {
            format
        };
        let renamed = object.name.replace(".JPG", ".AAE");
        let object = match settings.aae_names {
            true => Object {
                name: renamed,
                ..object
            },
            false => object,
        };
        let size = if self.device.settings.untold_sizes {
            0
        } else {
            size
        };
        let set = Dataset::default().u32(object.storage).u16(format).u16(0);
        let short = u32::try_from(size).unwrap_or(u32::MAX);
        let set = match self.device.settings.long_sizes {
            true => set.u64(size),
            false => set.u32(short),
        };
        let parent = match object.parent {
            0 if self.device.settings.stray_parents => NOBODY,
            parent => parent,
        };
        let name = match object.name.strip_suffix(".jpg") {
            Some(short) if self.device.settings.short_names => short,
            _ => &object.name,
        };
        let set = set
            .u16(0x3808)
            .u32(0)
            .u32(160)
            .u32(120)
            .u32(8)
            .u32(8)
            .u32(24)
            .u32(parent)
            .u16(u16::from(is_folder))
            .u32(0)
            .u32(0)
            .text(name)
            .time(object.modified)
            .time(object.modified)
            .text("");
        self.data(command, set)
    }

    pub(super) fn object_size(&mut self, command: &Command) -> Ended {
        let size = {
            let state = self.device.state();
            let object = state.store.objects.get(&command.parameter(0));
            object.map(|object| object.size(self.device.settings.seed))
        };
        match (size, command.parameter(1)) {
            (None, _) => refuse(INVALID_OBJECT_HANDLE),
            (Some(size), OBJECT_SIZE) => self.data(command, Dataset::default().u64(size)),
            _ => refuse(INVALID_OBJECT_PROPERTY),
        }
    }

    pub(super) fn property(&mut self, command: &Command) -> Ended {
        const MEDIA_PLAYER: u32 = 2;
        if command.parameter(0) == u32::from(PERCEIVED_TYPE) {
            let set = Dataset::default().u16(PERCEIVED_TYPE).u16(6).u8(0);
            return self.data(command, set.u32(0).u32(MEDIA_PLAYER).u8(0));
        }
        if command.parameter(0) != u32::from(BATTERY_LEVEL) {
            return refuse(PROPERTY_NOT_SUPPORTED);
        }
        let percent = self.device.settings.battery;
        let set = Dataset::default().u16(BATTERY_LEVEL).u16(2).u8(0);
        let set = set.u8(0).u8(percent).u8(1).u8(0).u8(100).u8(1);
        self.data(command, set)
    }
}
